//! How a command ends when it cannot do what was asked.

use std::process::ExitCode;

use clearpicture_app::practice::PracticeFault;
use clearpicture_app::state::StartFault;
use clearpicture_store::{StoreFault, WriteError};

/// Why a command stopped, with the exit code that tells scripts which kind it was.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A fault, or a check that failed: exit code 1.
    Fault(anyhow::Error),
    /// Wrong use, or input that cannot be read: exit code 2.
    Misuse(anyhow::Error),
}

impl Stop {
    pub(crate) fn fault(words: impl Into<String>) -> Self {
        Self::Fault(anyhow::Error::msg(words.into()))
    }

    pub(crate) fn misuse(words: impl Into<String>) -> Self {
        Self::Misuse(anyhow::Error::msg(words.into()))
    }

    pub(crate) fn words(&self) -> String {
        match self {
            Self::Fault(error) | Self::Misuse(error) => format!("{error:#}"),
        }
    }

    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Self::Fault(_) => ExitCode::from(1),
            Self::Misuse(_) => ExitCode::from(2),
        }
    }
}

impl From<StoreFault> for Stop {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Address(_) | StoreFault::Backup(_) | StoreFault::NotEmpty(_) => {
                Self::Misuse(fault.into())
            }
            _ => Self::Fault(fault.into()),
        }
    }
}

impl From<WriteError> for Stop {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Fault(fault) => fault.into(),
            _ => Self::Fault(error.into()),
        }
    }
}

impl From<PracticeFault> for Stop {
    fn from(fault: PracticeFault) -> Self {
        Self::Misuse(fault.into())
    }
}

impl From<StartFault> for Stop {
    fn from(fault: StartFault) -> Self {
        match fault {
            StartFault::Policies(_) => Self::Misuse(fault.into()),
            StartFault::Template(_) => Self::Fault(fault.into()),
        }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Fault(error.into())
    }
}
