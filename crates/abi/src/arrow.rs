//! The structs of the Arrow C data and C stream interfaces, by their specification. The header calls
//! them `void`, so that it does not clash with the host's own definitions.

use core::ffi::{c_char, c_int, c_void};

/// What a column or record batch is made of.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ArrowSchema {
    /// The type, as text.
    pub format: *const c_char,
    /// NULL, or the column's name.
    pub name: *const c_char,
    /// NULL, or pairs of texts.
    pub metadata: *const c_char,
    /// Bits: whether a dictionary is ordered, a column nullable, a map's keys sorted.
    pub flags: i64,
    /// How many children.
    pub n_children: i64,
    /// The columns of a batch, the fields of a struct, …
    pub children: *mut *mut ArrowSchema,
    /// NULL, or what the indices of a dictionary-encoded column stand for.
    pub dictionary: *mut ArrowSchema,
    /// Gives it back; NULL when that has happened, or when the struct was moved elsewhere.
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    /// The producer's.
    pub private_data: *mut c_void,
}

impl ArrowSchema {
    /// One that was given back: there is nothing in it.
    // SAFETY: null pointers, no functions and zeros are a value of each field.
    pub const RELEASED: Self = unsafe { core::mem::zeroed() };
}

/// The values of a column or record batch.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ArrowArray {
    /// How many values.
    pub length: i64,
    /// How many of them are null; -1: not counted.
    pub null_count: i64,
    /// Where in the buffers they begin.
    pub offset: i64,
    /// How many buffers.
    pub n_buffers: i64,
    /// How many children.
    pub n_children: i64,
    /// The memory.
    pub buffers: *mut *const c_void,
    /// As in the schema.
    pub children: *mut *mut ArrowArray,
    /// As in the schema.
    pub dictionary: *mut ArrowArray,
    /// As in the schema.
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    /// The producer's.
    pub private_data: *mut c_void,
}

impl ArrowArray {
    /// One that was given back: there is nothing in it.
    // SAFETY: null pointers, no functions and zeros are a value of each field.
    pub const RELEASED: Self = unsafe { core::mem::zeroed() };
}

/// Arrays of one schema, one after another.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ArrowArrayStream {
    /// Gets the schema: 0, or an `errno`.
    pub get_schema:
        Option<unsafe extern "C" fn(*mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int>,
    /// Gets the next array, a released one at the end: 0, or an `errno`.
    pub get_next:
        Option<unsafe extern "C" fn(*mut ArrowArrayStream, out: *mut ArrowArray) -> c_int>,
    /// NULL, or what went wrong last, as text.
    pub get_last_error: Option<unsafe extern "C" fn(*mut ArrowArrayStream) -> *const c_char>,
    /// As in the schema.
    pub release: Option<unsafe extern "C" fn(*mut ArrowArrayStream)>,
    /// The producer's.
    pub private_data: *mut c_void,
}

impl ArrowArrayStream {
    /// One that was given back: there is nothing in it.
    // SAFETY: null pointers, no functions and zeros are a value of each field.
    pub const RELEASED: Self = unsafe { core::mem::zeroed() };
}
