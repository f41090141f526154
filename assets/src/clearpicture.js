// Makes a finished page more convenient. Every page works without this file:
// nothing here is the only way to do a thing.

import { initAll as startGovuk } from './govuk-frontend.js'
import { initAll as startMoj } from './moj-frontend.js'

// The components look for these classes. The usual inline script that sets
// them would need a hole in the content security policy.
document.body.classList.add('js-enabled', 'govuk-frontend-supported')

startGovuk()
startMoj()
