//! Python objects as handles and values.

pub mod attr;
pub mod awaitable;
pub mod call;
pub mod compare;
pub mod complex;
pub mod dict;
pub mod filling;
pub mod function;
pub mod generator;
pub mod integer;
pub mod item;
pub mod iterate;
pub mod json;
pub mod number;
mod prepared;
pub mod sequence;
pub mod set;
pub mod text;
pub mod types;
pub mod value;
