// The engine's functions: the signature of each, and its stub, which runs until the engine is open.
// Generated from the sources of the engine by the build. Do not edit.

forwarders! {
    fn nexus_object_new(
        value: *const NexusValue,
        object: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(object);
            return fail(error, failure);
        }
        super::nexus_object_new(value, object, error)
    }

    fn nexus_object_value(
        object: *const NexusObject,
        value: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(value);
        fail(error, not_started())
    }

    fn nexus_object_clone(
        object: *const NexusObject,
        copy: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(copy);
        fail(error, not_started())
    }

    fn nexus_object_free(
        object: *mut NexusObject,
    ) {
    }

    fn nexus_value_clear(
        value: *mut NexusValue,
    ) {
        zero(value);
    }

    fn nexus_values_clear(
        values: *mut NexusValue,
        count: usize,
    ) {
        zero_array(values, count);
    }

    fn nexus_error_describe(
        exception: *const NexusObject,
        described: *mut *mut NexusError,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(described);
        fail(error, not_started())
    }

    fn nexus_error_object(
        of: *const NexusError,
        exception: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(exception);
        fail(error, not_started())
    }

    fn nexus_error_cause(
        of: *const NexusError,
        cause: *mut *mut NexusError,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(cause);
        fail(error, not_started())
    }

    fn nexus_error_notes(
        of: *const NexusError,
        notes: *mut *mut NexusNames,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(notes);
        fail(error, not_started())
    }

    fn nexus_error_group_count(
        of: *const NexusError,
    ) -> usize {
        0
    }

    fn nexus_error_group_at(
        of: *const NexusError,
        index: usize,
        member: *mut *mut NexusError,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(member);
        fail(error, not_started())
    }

    fn nexus_loader_new(
        bin_path: *const c_char,
        modules: *const *const c_char,
        module_count: usize,
        loader: *mut *mut NexusLoader,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(loader);
            return fail(error, failure);
        }
        super::nexus_loader_new(bin_path, modules, module_count, loader, error)
    }

    fn nexus_loader_open(
        bin_path: *const c_char,
        options: *const NexusLoaderOptions,
        loader: *mut *mut NexusLoader,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(loader);
            return fail(error, failure);
        }
        super::nexus_loader_open(bin_path, options, loader, error)
    }

    fn nexus_loader_get(
        loader: *const NexusLoader,
        name: *const c_char,
        module: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(module);
        fail(error, not_started())
    }

    fn nexus_loader_list(
        loader: *const NexusLoader,
        names: *mut *mut NexusNames,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(names);
        fail(error, not_started())
    }

    fn nexus_loader_contains(
        loader: *const NexusLoader,
        name: *const c_char,
    ) -> bool {
        false
    }

    fn nexus_loader_count(
        loader: *const NexusLoader,
    ) -> usize {
        0
    }

    fn nexus_loader_bin_path(
        loader: *const NexusLoader,
    ) -> *const c_char {
        core::ptr::null_mut()
    }

    fn nexus_loader_requested(
        loader: *const NexusLoader,
        names: *mut *mut NexusNames,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(names);
        fail(error, not_started())
    }

    fn nexus_loader_describe(
        loader: *const NexusLoader,
    ) -> *const c_char {
        core::ptr::null_mut()
    }

    fn nexus_loader_free(
        loader: *mut NexusLoader,
    ) {
    }

    fn nexus_loader_report(
        loader: *const NexusLoader,
        report: *mut *mut NexusReport,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(report);
        fail(error, not_started())
    }

    fn nexus_report_count(
        report: *const NexusReport,
    ) -> usize {
        0
    }

    fn nexus_report_at(
        report: *const NexusReport,
        index: usize,
        entry: *mut NexusReportEntry,
    ) -> NexusStatus {
        zero(entry);
        NexusStatus::NEXUS_ERR_NOT_STARTED
    }

    fn nexus_report_effects(
        report: *const NexusReport,
        index: usize,
        effects: *mut *mut NexusNames,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(effects);
        fail(error, not_started())
    }

    fn nexus_report_free(
        report: *mut NexusReport,
    ) {
    }

    fn nexus_import(
        name: *const c_char,
        module: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(module);
            return fail(error, failure);
        }
        super::nexus_import(name, module, error)
    }

    fn nexus_object_attr(
        object: *const NexusObject,
        name: *const c_char,
        value: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(value);
        fail(error, not_started())
    }

    fn nexus_object_has_attr(
        object: *const NexusObject,
        name: *const c_char,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_set_attr(
        object: *const NexusObject,
        name: *const c_char,
        value: *const NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_delete_attr(
        object: *const NexusObject,
        name: *const c_char,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_dir(
        object: *const NexusObject,
        names: *mut *mut NexusNames,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(names);
        fail(error, not_started())
    }

    fn nexus_object_item(
        object: *const NexusObject,
        key: *const NexusValue,
        value: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(value);
        fail(error, not_started())
    }

    fn nexus_object_find_item(
        object: *const NexusObject,
        key: *const NexusValue,
        value: *mut NexusValue,
        found: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(value);
        zero(found);
        fail(error, not_started())
    }

    fn nexus_object_set_item(
        object: *const NexusObject,
        key: *const NexusValue,
        value: *const NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_delete_item(
        object: *const NexusObject,
        key: *const NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_item_at(
        object: *const NexusObject,
        index: i64,
        value: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(value);
        fail(error, not_started())
    }

    fn nexus_object_set_item_at(
        object: *const NexusObject,
        index: i64,
        value: *const NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_delete_item_at(
        object: *const NexusObject,
        index: i64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_length(
        object: *const NexusObject,
        length: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(length);
        fail(error, not_started())
    }

    fn nexus_object_contains(
        object: *const NexusObject,
        value: *const NexusValue,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_repr(
        object: *const NexusObject,
        text: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(text);
        fail(error, not_started())
    }

    fn nexus_object_str(
        object: *const NexusObject,
        text: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(text);
        fail(error, not_started())
    }

    fn nexus_object_type_name(
        object: *const NexusObject,
        text: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(text);
        fail(error, not_started())
    }

    fn nexus_object_signature(
        object: *const NexusObject,
        text: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(text);
        fail(error, not_started())
    }

    fn nexus_object_doc(
        object: *const NexusObject,
        text: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(text);
        fail(error, not_started())
    }

    fn nexus_object_compare(
        object: *const NexusObject,
        comparison: RawComparison,
        other: *const NexusValue,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_is(
        object: *const NexusObject,
        other: *const NexusObject,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_truth(
        object: *const NexusObject,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_hash(
        object: *const NexusObject,
        hash: *mut i64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(hash);
        fail(error, not_started())
    }

    fn nexus_object_type(
        object: *const NexusObject,
        r#type: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(r#type);
        fail(error, not_started())
    }

    fn nexus_object_is_instance(
        object: *const NexusObject,
        r#type: *const NexusObject,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_is_instance_of_any(
        object: *const NexusObject,
        types: *const *const NexusObject,
        count: usize,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_is_callable(
        object: *const NexusObject,
        result: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_from_json(
        text: *const c_char,
        size: usize,
        value: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(value);
            return fail(error, failure);
        }
        super::nexus_object_from_json(text, size, value, error)
    }

    fn nexus_object_to_json(
        object: *const NexusObject,
        text: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(text);
        fail(error, not_started())
    }

    fn nexus_object_call(
        callable: *const NexusObject,
        args: *const NexusValue,
        arg_count: usize,
        result: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_call_keywords(
        callable: *const NexusObject,
        args: *const NexusValue,
        arg_count: usize,
        keywords: *const *const c_char,
        keyword_values: *const NexusValue,
        keyword_count: usize,
        result: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_object_call_method(
        object: *const NexusObject,
        name: *const c_char,
        args: *const NexusValue,
        arg_count: usize,
        result: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_call_prepare(
        callable: *const NexusObject,
        keywords: *const *const c_char,
        keyword_count: usize,
        call: *mut *mut NexusCall,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(call);
        fail(error, not_started())
    }

    fn nexus_call_invoke(
        call: *const NexusCall,
        args: *const NexusValue,
        arg_count: usize,
        result: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_call_invoke_many(
        call: *const NexusCall,
        args: *const NexusValue,
        args_per_call: usize,
        call_count: usize,
        results: *mut NexusValue,
        done: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(results, call_count);
        zero(done);
        fail(error, not_started())
    }

    fn nexus_call_free(
        call: *mut NexusCall,
    ) {
    }

    fn nexus_generator_send(
        generator: *const NexusObject,
        value: *const NexusValue,
        result: *mut NexusValue,
        finished: *mut RawBool,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        zero(finished);
        fail(error, not_started())
    }

    fn nexus_generator_close(
        generator: *const NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_await(
        awaitable: *const NexusObject,
        result: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(result);
        fail(error, not_started())
    }

    fn nexus_function_new(
        name: *const c_char,
        documentation: *const c_char,
        flags: u32,
        function: NexusFunction,
        user_data: *mut c_void,
        destroy: NexusDestructor,
        callable: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(callable);
            crate::ffi::destroy(destroy, user_data);
            return fail(error, failure);
        }
        super::nexus_function_new(name, documentation, flags, function, user_data, destroy, callable, error)
    }

    fn nexus_error_raise(
        r#type: *const c_char,
        message: *const c_char,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_object_iterate(
        object: *const NexusObject,
        iterator: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(iterator);
        fail(error, not_started())
    }

    fn nexus_object_next(
        iterator: *const NexusObject,
        value: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(value);
        fail(error, not_started())
    }

    fn nexus_object_next_many(
        iterator: *const NexusObject,
        values: *mut NexusValue,
        capacity: usize,
        count: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(values, capacity);
        zero(count);
        fail(error, not_started())
    }

    fn nexus_list_new(
        items: *const NexusValue,
        count: usize,
        list: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(list);
            return fail(error, failure);
        }
        super::nexus_list_new(items, count, list, error)
    }

    fn nexus_tuple_new(
        items: *const NexusValue,
        count: usize,
        tuple: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(tuple);
            return fail(error, failure);
        }
        super::nexus_tuple_new(items, count, tuple, error)
    }

    fn nexus_list_new_integers(
        numbers: *const i64,
        count: usize,
        list: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(list);
            return fail(error, failure);
        }
        super::nexus_list_new_integers(numbers, count, list, error)
    }

    fn nexus_list_new_reals(
        numbers: *const f64,
        count: usize,
        list: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(list);
            return fail(error, failure);
        }
        super::nexus_list_new_reals(numbers, count, list, error)
    }

    fn nexus_sequence_read(
        sequence: *const NexusObject,
        start: usize,
        items: *mut NexusValue,
        capacity: usize,
        count: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(items, capacity);
        zero(count);
        fail(error, not_started())
    }

    fn nexus_sequence_read_integers(
        sequence: *const NexusObject,
        start: usize,
        numbers: *mut i64,
        capacity: usize,
        count: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(numbers, capacity);
        zero(count);
        fail(error, not_started())
    }

    fn nexus_sequence_read_reals(
        sequence: *const NexusObject,
        start: usize,
        numbers: *mut f64,
        capacity: usize,
        count: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(numbers, capacity);
        zero(count);
        fail(error, not_started())
    }

    fn nexus_dict_new(
        keys: *const NexusValue,
        values: *const NexusValue,
        count: usize,
        dict: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(dict);
            return fail(error, failure);
        }
        super::nexus_dict_new(keys, values, count, dict, error)
    }

    fn nexus_dict_read(
        dict: *const NexusObject,
        keys: *mut NexusValue,
        values: *mut NexusValue,
        capacity: usize,
        count: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(keys, capacity);
        zero_array(values, capacity);
        zero(count);
        fail(error, not_started())
    }

    fn nexus_set_new(
        items: *const NexusValue,
        count: usize,
        set: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(set);
            return fail(error, failure);
        }
        super::nexus_set_new(items, count, set, error)
    }

    fn nexus_frozenset_new(
        items: *const NexusValue,
        count: usize,
        frozenset: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(frozenset);
            return fail(error, failure);
        }
        super::nexus_frozenset_new(items, count, frozenset, error)
    }

    fn nexus_set_read(
        set: *const NexusObject,
        items: *mut NexusValue,
        capacity: usize,
        count: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(items, capacity);
        zero(count);
        fail(error, not_started())
    }

    fn nexus_value_to_int64(
        value: *const NexusValue,
        number: *mut i64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(number);
        fail(error, not_started())
    }

    fn nexus_value_to_uint64(
        value: *const NexusValue,
        number: *mut u64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(number);
        fail(error, not_started())
    }

    fn nexus_value_to_double(
        value: *const NexusValue,
        number: *mut f64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(number);
        fail(error, not_started())
    }

    fn nexus_value_as_index(
        value: *const NexusValue,
        integer: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(integer);
            return fail(error, failure);
        }
        super::nexus_value_as_index(value, integer, error)
    }

    fn nexus_value_as_float(
        value: *const NexusValue,
        number: *mut f64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(number);
        fail(error, not_started())
    }

    fn nexus_int_from_text(
        text: *const c_char,
        size: usize,
        integer: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(integer);
            return fail(error, failure);
        }
        super::nexus_int_from_text(text, size, integer, error)
    }

    fn nexus_int_to_text(
        integer: *const NexusValue,
        text: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(text);
            return fail(error, failure);
        }
        super::nexus_int_to_text(integer, text, error)
    }

    fn nexus_int_from_bytes(
        bytes: *const c_void,
        size: usize,
        flags: u32,
        integer: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(integer);
            return fail(error, failure);
        }
        super::nexus_int_from_bytes(bytes, size, flags, integer, error)
    }

    fn nexus_int_to_bytes(
        integer: *const NexusValue,
        flags: u32,
        bytes: *mut NexusValue,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(bytes);
            return fail(error, failure);
        }
        super::nexus_int_to_bytes(integer, flags, bytes, error)
    }

    fn nexus_int_write_bytes(
        integer: *const NexusValue,
        flags: u32,
        bytes: *mut u8,
        capacity: usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_array(bytes, capacity);
        fail(error, not_started())
    }

    fn nexus_complex_new(
        real_part: f64,
        imaginary_part: f64,
        number: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(number);
            return fail(error, failure);
        }
        super::nexus_complex_new(real_part, imaginary_part, number, error)
    }

    fn nexus_complex_read(
        number: *const NexusObject,
        real_part: *mut f64,
        imaginary_part: *mut f64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(real_part);
        zero(imaginary_part);
        fail(error, not_started())
    }

    fn nexus_buffer_get(
        object: *const NexusObject,
        flags: u32,
        buffer: *mut *mut NexusBuffer,
        info: *mut NexusBufferInfo,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(buffer);
        zero_sized(info);
        fail(error, not_started())
    }

    fn nexus_buffer_info(
        buffer: *const NexusBuffer,
        info: *mut NexusBufferInfo,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_sized(info);
        fail(error, not_started())
    }

    fn nexus_buffer_free(
        buffer: *mut NexusBuffer,
    ) {
    }

    fn nexus_buffer_copy_out(
        buffer: *const NexusBuffer,
        order: u32,
        data: *mut c_void,
        capacity: usize,
        size: *mut usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(size);
        fail(error, not_started())
    }

    fn nexus_buffer_copy_in(
        buffer: *const NexusBuffer,
        order: u32,
        data: *const c_void,
        size: usize,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_memory_new(
        layout: *const NexusMemoryLayout,
        release: NexusMemoryRelease,
        user_data: *mut c_void,
        memory: *mut *mut NexusMemory,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(memory);
            return fail(error, failure);
        }
        super::nexus_memory_new(layout, release, user_data, memory, error)
    }

    fn nexus_memory_object(
        memory: *const NexusMemory,
        object: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(object);
        fail(error, not_started())
    }

    fn nexus_memory_view(
        memory: *const NexusMemory,
        view: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(view);
        fail(error, not_started())
    }

    fn nexus_memory_revoke(
        memory: *const NexusMemory,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_memory_free(
        memory: *mut NexusMemory,
    ) {
    }

    fn nexus_tensor_get(
        object: *const NexusObject,
        flags: u32,
        tensor: *mut *mut NexusTensor,
        info: *mut NexusTensorInfo,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(tensor);
        zero_sized(info);
        fail(error, not_started())
    }

    fn nexus_tensor_info(
        tensor: *const NexusTensor,
        info: *mut NexusTensorInfo,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero_sized(info);
        fail(error, not_started())
    }

    fn nexus_tensor_take(
        tensor: *mut NexusTensor,
        managed: *mut *mut c_void,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(managed);
        fail(error, not_started())
    }

    fn nexus_tensor_free(
        tensor: *mut NexusTensor,
    ) {
    }

    fn nexus_tensor_export(
        managed: *mut c_void,
        version_major: u32,
        object: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(object);
            return fail(error, failure);
        }
        super::nexus_tensor_export(managed, version_major, object, error)
    }

    fn nexus_arrow_import_schema(
        object: *const NexusObject,
        schema: *mut ArrowSchema,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(schema);
        fail(error, not_started())
    }

    fn nexus_arrow_import_array(
        object: *const NexusObject,
        schema: *mut ArrowSchema,
        array: *mut ArrowArray,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(schema);
        zero(array);
        fail(error, not_started())
    }

    fn nexus_arrow_import_stream(
        object: *const NexusObject,
        stream: *mut ArrowArrayStream,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        zero(stream);
        fail(error, not_started())
    }

    fn nexus_arrow_export_array(
        schema: *mut c_void,
        array: *mut c_void,
        object: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(object);
            return fail(error, failure);
        }
        super::nexus_arrow_export_array(schema, array, object, error)
    }

    fn nexus_arrow_export_stream(
        stream: *mut c_void,
        object: *mut *mut NexusObject,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        if let Err(failure) = start_with_defaults() {
            zero(object);
            return fail(error, failure);
        }
        super::nexus_arrow_export_stream(stream, object, error)
    }

    fn nexus_python_attach(
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_python_detach(
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_thread_id(
    ) -> u64 {
        0
    }

    fn nexus_thread_interrupt(
        thread: u64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }

    fn nexus_thread_uninterrupt(
        thread: u64,
        error: *mut *mut NexusError,
    ) -> NexusStatus {
        fail(error, not_started())
    }
}
