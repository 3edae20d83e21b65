//! A failure with everything that is known about it: what a `NexusError` is made from.

use crate::status::NexusStatus;
use std::any::Any;
use std::sync::Arc;

/// Why something did not work. Travels as a Rust error within each library and becomes an owned
/// `NexusError` at the C border.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The coarse code.
    pub status: NexusStatus,
    /// The detail code of `nexus_inspect`'s table, or 0.
    pub detail: u32,
    /// What was wrong, with what, and what to do about it.
    pub message: String,
    /// The module's name, or empty.
    pub module: String,
    /// The file or directory, or empty. The platform's bytes.
    pub path: Vec<u8>,
    /// The Python exception's type, such as `builtins.ValueError`, or empty.
    pub exception: String,
    /// The traceback as Python prints it, or empty: with an exception, it is written when it is asked for.
    pub traceback: String,
    /// The dynamic linker's text, or empty.
    pub linker: String,
    /// The exception object as a handle that the error owns; 0 for none.
    pub object: usize,
    /// The same in the engine's own terms, before it has a handle.
    pub raised: Option<Arc<dyn Any + Send + Sync>>,
}

/// The result of everything that can fail here. The failure is boxed, so that success stays small.
pub type Result<T> = core::result::Result<T, Box<Failure>>;

impl Failure {
    /// A failure of that status with that message.
    #[must_use]
    pub fn new(status: NexusStatus, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            status,
            detail: 0,
            message: message.into(),
            module: String::new(),
            path: Vec::new(),
            exception: String::new(),
            traceback: String::new(),
            linker: String::new(),
            object: 0,
            raised: None,
        })
    }

    /// A failure of a caller who passed what makes no sense.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Box<Self> {
        Self::new(NexusStatus::NEXUS_ERR_INVALID_ARGUMENT, message)
    }

    /// Adds the file that it is about.
    #[must_use]
    pub fn at_path(mut self: Box<Self>, path: &std::path::Path) -> Box<Self> {
        self.path = path.as_os_str().as_encoded_bytes().to_vec();
        self
    }

    /// Adds the module that it is about.
    #[must_use]
    pub fn in_module(mut self: Box<Self>, module: impl Into<String>) -> Box<Self> {
        self.module = module.into();
        self
    }

    /// Adds the detail code.
    #[must_use]
    pub fn with_detail(mut self: Box<Self>, detail: u32) -> Box<Self> {
        self.detail = detail;
        self
    }

    /// Adds the dynamic linker's text.
    #[must_use]
    pub fn with_linker(mut self: Box<Self>, linker: impl Into<String>) -> Box<Self> {
        self.linker = linker.into();
        self
    }
}
