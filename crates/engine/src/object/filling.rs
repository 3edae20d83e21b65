//! Filling a host's array of values.

use crate::call::convert;
use crate::object::value::nexus_value_clear;
use core::cell::Cell;
use nexus_abi::ffi::Inputs;
use nexus_abi::{Failure, NexusValue, Result};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

/// A host's array while it is being filled. What is in it is released again, and every place NONE, unless
/// the filling comes to a good end.
///
/// Filled and dropped with the GIL held, so that releasing waits for nothing.
pub struct Filling<'a> {
    places: &'a [Cell<NexusValue>],
    filled: usize,
}

impl<'a> Filling<'a> {
    /// The array, which may be NULL if there is no place in it.
    pub fn new(
        inputs: Inputs<'a>,
        name: &str,
        values: *mut NexusValue,
        capacity: usize,
    ) -> Result<Self> {
        Ok(Self {
            places: inputs.array_out(name, values, capacity, NexusValue::NONE)?,
            filled: 0,
        })
    }

    /// How many values fit.
    pub fn capacity(&self) -> usize {
        self.places.len()
    }

    /// How many values are in it.
    pub fn filled(&self) -> usize {
        self.filled
    }

    /// Adds the value of an object, taking over the reference. No more than the capacity.
    pub fn push(&mut self, py: Python<'_>, object: *mut PyObject) -> Result<()> {
        let value = convert::from_python(py, object)?;
        self.places[self.filled].set(value);
        self.filled += 1;
        Ok(())
    }

    /// Leaves the values to the host, and tells how many there are.
    pub fn finish(mut self) -> usize {
        core::mem::take(&mut self.filled)
    }
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        for place in &self.places[..self.filled] {
            nexus_value_clear(place.as_ptr());
        }
    }
}

/// The failure for an array without room for everything.
#[cold]
pub fn too_small(capacity: usize, total: usize) -> Box<Failure> {
    Failure::invalid(format!(
        "argument 'capacity' is {capacity}, but there are {total} items"
    ))
}
