//! Closed sets of words in a column: an enum whose code is the same in the database and in interfaces.

/// `codes! { /// What it is. Name, ("table", "column"), { Variant = "code", ... } }`; a word that is none of them is corruption
/// at that place.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident, $place:expr, { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The code in the database and in interfaces.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            pub(in $crate::store) fn parse(code: &str) -> Result<Self, $crate::store::StoreError> {
                match code {
                    $($code => Ok(Self::$variant),)+
                    _ => Err($crate::store::columns::corrupt($place, code)),
                }
            }
        }
    };
}
pub(in crate::store) use codes;
