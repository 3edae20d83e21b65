//! Comparing objects: order, equality, identity, truth and hash.

use crate::border::{give, give_without_gil};
use crate::call::convert::value_in;
use crate::exception::OrRaised as _;
use crate::gil;
use crate::handles::of;
use nexus_abi::{
    Failure, NexusComparison, NexusError, NexusObject, NexusStatus, NexusValue, RawBool,
    RawComparison, Result,
};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;

/// Whether `object < other`, `object == other` and so on.
///
/// `comparison`: one of `NexusComparison`. `other`: a value of any kind.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` (object, or the handle in `other`), `NEXUS_ERR_INVALID_ARGUMENT` (NULL, an
/// unknown comparison), or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError` when the two have
/// no order, `builtins.RecursionError` when they are nested too deeply or contain themselves,
/// `builtins.ValueError` when the result is neither true nor false (that of two numpy arrays is an array: call
/// their `__eq__` with `nexus_object_call_method`). May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_compare(
    object: *const NexusObject,
    comparison: RawComparison,
    other: *const NexusValue,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "result", result, |inputs| {
        let operator = operator(comparison)?;
        gil::with(|py| {
            let object = of(py, "object", object)?;
            let other = value_in(py, inputs, "other", other)?;
            object
                .rich_compare(other, operator)
                .and_then(|compared| compared.is_truthy())
                .map(RawBool::from)
                .or_raised(py)
        })
    })
}

fn operator(number: RawComparison) -> Result<CompareOp> {
    const OPERATORS: [(NexusComparison, CompareOp); 6] = [
        (NexusComparison::NEXUS_LESS, CompareOp::Lt),
        (NexusComparison::NEXUS_LESS_OR_EQUAL, CompareOp::Le),
        (NexusComparison::NEXUS_EQUAL, CompareOp::Eq),
        (NexusComparison::NEXUS_NOT_EQUAL, CompareOp::Ne),
        (NexusComparison::NEXUS_GREATER, CompareOp::Gt),
        (NexusComparison::NEXUS_GREATER_OR_EQUAL, CompareOp::Ge),
    ];
    OPERATORS
        .iter()
        .find(|(comparison, _)| *comparison as RawComparison == number)
        .map(|(_, operator)| *operator)
        .ok_or_else(|| {
            Failure::invalid(format!(
                "argument 'comparison' is {number}; comparisons are 0 to 5"
            ))
        })
}

/// Whether two handles stand for the same object: `object is other`. Two handles of one object differ.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_is(
    object: *const NexusObject,
    other: *const NexusObject,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, _| {
        let object = of(py, "object", object)?;
        let other = of(py, "other", other)?;
        Ok(RawBool::from(object.is(&other)))
    })
}

/// Whether an object counts as true: `bool(object)`. Empty containers and texts, zeros and None do not.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_truth(
    object: *const NexusObject,
    result: *mut RawBool,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, _| {
        of(py, "object", object)?
            .is_truthy()
            .map(RawBool::from)
            .or_raised(py)
    })
}

/// Gives `hash(object)`: equal objects have the same. That of a text differs from process to process.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python raised: `builtins.TypeError`
/// for a list, dict or set, which have no hash. Python does not limit how deep it goes: a tuple that is nested
/// some hundred thousand deep exhausts the stack. May run Python code.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_hash(
    object: *const NexusObject,
    hash: *mut i64,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "hash", hash, |py, _| {
        let made = of(py, "object", object)?.hash().or_raised(py)?;
        Ok(made as i64)
    })
}
