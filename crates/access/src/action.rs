//! Actions as types, so that a permit to see a record can never be spent on changing it.

/// A kind of record, as policies know it.
pub trait Kind: Send + Sync + 'static {
    /// The kind's name in policies, tables and ids: lower-case words joined by hyphens.
    const NAME: &'static str;
    /// Whether the records are about people, so that opening one leaves a trace.
    const PERSONAL: bool;
}

/// What doing an action does to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Reads it.
    See,
    /// Makes it.
    Add,
    /// Changes it.
    Change,
}

impl Effect {
    /// The word policies use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Add => "add",
            Self::Change => "change",
        }
    }
}

/// Something a caller may be allowed to do to records of one kind.
pub trait Action: Send + Sync + 'static {
    /// The kind of record it is done to.
    type On: Kind;
    /// The action as data.
    const SPEC: ActionSpec;
}

/// Marks actions that read.
pub trait Sees: Action {}
/// Marks actions that make a new record.
pub trait Adds: Action {}
/// Marks actions that change a record.
pub trait Changes: Action {}

/// An action without its type, for schemas, menus and tables of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionSpec {
    /// The name in policies and history, such as `feeds.edit`.
    pub name: &'static str,
    /// The kind of record it is done to.
    pub kind: KindName,
    /// What it does to the record.
    pub effect: Effect,
    /// What it is, in the words of the page that lists access.
    pub about: &'static str,
}

/// A kind as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindName {
    /// The kind's name.
    pub name: &'static str,
    /// Whether the records are about people.
    pub personal: bool,
}

impl KindName {
    /// The name of `K`.
    pub const fn of<K: Kind>() -> Self {
        Self {
            name: K::NAME,
            personal: K::PERSONAL,
        }
    }
}

/// Declares the actions on one kind of record.
///
/// ```
/// use clearpicture_access::{Action, Kind, actions};
///
/// pub struct Kite;
/// impl Kind for Kite {
///     const NAME: &'static str = "kite";
///     const PERSONAL: bool = false;
/// }
/// actions! { pub on Kite:
///     see SeeKite = "kites.see", "see a kite";
///     change MendKite = "kites.mend", "mend a kite";
/// }
/// assert_eq!(MendKite::SPEC.name, "kites.mend");
/// ```
#[macro_export]
macro_rules! actions {
    ($vis:vis on $kind:ty: $($effect:ident $name:ident = $text:literal, $about:literal;)+) => {
        $(
            #[doc = concat!("To ", $about, ".")]
            #[derive(Debug, Clone, Copy)]
            $vis struct $name;

            impl $crate::Action for $name {
                type On = $kind;
                const SPEC: $crate::ActionSpec = $crate::ActionSpec {
                    name: $text,
                    kind: $crate::KindName::of::<$kind>(),
                    effect: $crate::actions!(@effect $effect),
                    about: $about,
                };
            }

            $crate::actions!(@mark $effect $name);
        )+
    };
    (@effect see) => { $crate::Effect::See };
    (@effect add) => { $crate::Effect::Add };
    (@effect change) => { $crate::Effect::Change };
    (@mark see $name:ident) => { impl $crate::Sees for $name {} };
    (@mark add $name:ident) => { impl $crate::Adds for $name {} };
    (@mark change $name:ident) => { impl $crate::Changes for $name {} };
}
