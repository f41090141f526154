// A walk over every page that a person can reach by links, from the home page on.

/** What stands in an address in the place of one record: pages of one kind are one page. */
const id = /[a-z]+(?:-[a-z]+)*_[0-9A-Z]{20,}/g

/** The kind of page that an address leads to: the same for every record, filter and page of a list. */
export function kindOf(address) {
  const { pathname, search } = new URL(address)
  return (pathname + search.replace(/=[^&]*/g, '')).replace(id, '*')
}

/**
 * Goes to each kind of page once, in the order in which the links are met, and gives `look(page, kind)` each of them.
 * Downloads are left alone. Every address must answer with a page: a link that leads nowhere is a fault.
 */
export async function walk(page, look) {
  const origin = new URL(page.url()).origin
  const waiting = new Map([[kindOf(page.url()), page.url()]])
  for (const [kind, address] of waiting) {
    const answer = await page.goto(address)
    if (!answer?.ok()) throw new Error(`${address} answers ${answer?.status()}, and a page links to it`)
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((a) => a.href))
    for (const link of links) {
      const next = new URL(link)
      next.hash = ''
      const isPage = next.origin === origin && !/\.(csv|pdf|xlsx)$/.test(next.pathname)
      if (isPage && !waiting.has(kindOf(next))) waiting.set(kindOf(next), next.href)
    }
    await look(page, kind)
  }
  return [...waiting.keys()]
}
