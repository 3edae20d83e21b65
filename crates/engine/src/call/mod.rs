//! Calls between the host and Python, in both directions, and the values on their way.

pub mod arguments;
pub mod convert;
pub mod direct;
pub mod host_callable;
pub mod quick;
pub mod script;
