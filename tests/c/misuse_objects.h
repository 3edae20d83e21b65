/* The functions of objects with handles that are none, and with NULL: a part of misuse.c, whose macros it uses. */
#ifndef MISUSE_OBJECTS_H
#define MISUSE_OBJECTS_H

#define REFUSED_NUMBER(type, variable, call_with_error, expected)                      \
    do {                                                                               \
        type variable;                                                                 \
        memset(&variable, 0xa5, sizeof variable);                                      \
        REFUSED(call_with_error, expected);                                            \
        CHECK(variable == 0);                                                          \
    } while (0)

/* An array of three and a count: every place is empty afterwards, and nothing is written behind it. */
#define REFUSED_ARRAY(type, array, call_with_error, expected)                          \
    do {                                                                               \
        type array[4], check_empty[3];                                                 \
        size_t count = 99;                                                             \
        unsigned char check_behind[sizeof(type)];                                      \
        memset(array, 0xa5, sizeof array);                                             \
        memset(check_empty, 0, sizeof check_empty);                                    \
        memset(check_behind, 0xa5, sizeof check_behind);                               \
        REFUSED(call_with_error, expected);                                            \
        CHECK_NUMBER(count, 0);                                                        \
        CHECK(memcmp(array, check_empty, sizeof check_empty) == 0);                    \
        CHECK(memcmp(&array[3], check_behind, sizeof check_behind) == 0);              \
    } while (0)

static void bad_object_handle(void *handle, NexusStatus expected) {
    NexusValue one = nexus_value_integer(1), value = nexus_value_object(handle);
    const NexusObject *types[] = {handle};
    REFUSED(nexus_object_set_attr(handle, "a", &one, error), expected);
    REFUSED(nexus_object_delete_attr(handle, "a", error), expected);
    REFUSED_POINTER(NexusNames, out, nexus_object_dir(handle, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_item(handle, &one, &out, error), expected);
    bool found = true;
    REFUSED_VALUE(out, nexus_object_find_item(handle, &one, &out, &found, error), expected);
    CHECK(!found);
    REFUSED(nexus_object_set_item(handle, &one, &one, error), expected);
    REFUSED(nexus_object_delete_item(handle, &one, error), expected);
    REFUSED_VALUE(out, nexus_object_item_at(handle, 0, &out, error), expected);
    REFUSED(nexus_object_set_item_at(handle, 0, &one, error), expected);
    REFUSED(nexus_object_delete_item_at(handle, 0, error), expected);
    REFUSED_NUMBER(size_t, out, nexus_object_length(handle, &out, error), expected);
    REFUSED_NUMBER(bool, out, nexus_object_contains(handle, &one, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_object_iterate(handle, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_next(handle, &out, error), expected);
    REFUSED_ARRAY(NexusValue, out, nexus_object_next_many(handle, out, 3, &count, error), expected);
    REFUSED_ARRAY(NexusValue, out, nexus_sequence_read(handle, 0, out, 3, &count, error), expected);
    REFUSED_ARRAY(int64_t, out, nexus_sequence_read_integers(handle, 0, out, 3, &count, error), expected);
    REFUSED_ARRAY(double, out, nexus_sequence_read_reals(handle, 0, out, 3, &count, error), expected);
    REFUSED_ARRAY(NexusValue, out, nexus_dict_read(handle, out, NULL, 3, &count, error), expected);
    REFUSED_ARRAY(NexusValue, out, nexus_dict_read(handle, NULL, out, 3, &count, error), expected);
    REFUSED_ARRAY(NexusValue, out, nexus_set_read(handle, out, 3, &count, error), expected);
    REFUSED_VALUE(out, nexus_object_value(handle, &out, error), expected);
    double imaginary = 1;
    REFUSED_NUMBER(double, out, nexus_complex_read(handle, &out, &imaginary, error), expected);
    CHECK(imaginary == 0);
    REFUSED_POINTER(NexusObject, out, nexus_object_type(handle, &out, error), expected);
    REFUSED_NUMBER(bool, out, nexus_object_is_instance(handle, handle, &out, error), expected);
    REFUSED_NUMBER(bool, out, nexus_object_is_instance_of_any(handle, types, 1, &out, error), expected);
    REFUSED_NUMBER(bool, out, nexus_object_is_callable(handle, &out, error), expected);
    REFUSED_NUMBER(bool, out, nexus_object_compare(handle, NEXUS_EQUAL, &one, &out, error), expected);
    REFUSED_NUMBER(bool, out, nexus_object_is(handle, handle, &out, error), expected);
    REFUSED_NUMBER(bool, out, nexus_object_truth(handle, &out, error), expected);
    REFUSED_NUMBER(int64_t, out, nexus_object_hash(handle, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_signature(handle, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_doc(handle, &out, error), expected);
    REFUSED_VALUE(out, nexus_object_to_json(handle, &out, error), expected);
    bool finished = true;
    REFUSED_VALUE(out, nexus_generator_send(handle, &one, &out, &finished, error), expected);
    CHECK(!finished);
    REFUSED(nexus_generator_close(handle, error), expected);
    REFUSED_VALUE(out, nexus_object_await(handle, &out, error), expected);
    REFUSED_NUMBER(int64_t, out, nexus_value_to_int64(&value, &out, error), expected);
    REFUSED_NUMBER(uint64_t, out, nexus_value_to_uint64(&value, &out, error), expected);
    REFUSED_NUMBER(double, out, nexus_value_to_double(&value, &out, error), expected);
    REFUSED_NUMBER(double, out, nexus_value_as_float(&value, &out, error), expected);
    REFUSED_NUMBER(uint32_t, out, nexus_int_write_bytes(&value, 0, (uint8_t *)&out, 4, error), expected);
    if (expected == NEXUS_ERR_NOT_STARTED) return;

    /* What makes something out of values starts Python. */
    REFUSED_POINTER(NexusObject, out, nexus_object_new(&value, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_list_new(&value, 1, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_tuple_new(&value, 1, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_set_new(&value, 1, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_frozenset_new(&value, 1, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_dict_new(&value, &one, 1, &out, error), expected);
    REFUSED_POINTER(NexusObject, out, nexus_dict_new(&one, &value, 1, &out, error), expected);
    REFUSED_VALUE(out, nexus_value_as_index(&value, &out, error), expected);
    REFUSED_VALUE(out, nexus_int_to_text(&value, &out, error), expected);
    REFUSED_VALUE(out, nexus_int_to_bytes(&value, 0, &out, error), expected);
}

/* Each pointer NULL, each count too large, in turn. `list` is a living list with an item. */
static void null_in_functions_of_objects(NexusObject *list) {
    const NexusStatus invalid = NEXUS_ERR_INVALID_ARGUMENT;
    NexusValue zero = nexus_value_integer(0), value;
    size_t count = 99;
    bool truth;
    REFUSED(nexus_object_set_attr(list, NULL, &zero, error), invalid);
    REFUSED(nexus_object_set_attr(list, "a", NULL, error), invalid);
    REFUSED(nexus_object_delete_attr(list, NULL, error), invalid);
    REFUSED(nexus_object_dir(list, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_object_item(list, NULL, &out, error), invalid);
    REFUSED(nexus_object_item(list, &zero, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_object_find_item(list, NULL, &out, &truth, error), invalid);
    REFUSED_VALUE(out, nexus_object_find_item(list, &zero, &out, NULL, error), invalid);
    REFUSED_NUMBER(bool, out, nexus_object_find_item(list, &zero, NULL, &out, error), invalid);
    REFUSED(nexus_object_set_item(list, NULL, &zero, error), invalid);
    REFUSED(nexus_object_set_item(list, &zero, NULL, error), invalid);
    REFUSED(nexus_object_delete_item(list, NULL, error), invalid);
    REFUSED(nexus_object_item_at(list, 0, NULL, error), invalid);
    REFUSED(nexus_object_set_item_at(list, 0, NULL, error), invalid);
    REFUSED(nexus_object_length(list, NULL, error), invalid);
    REFUSED_NUMBER(bool, out, nexus_object_contains(list, NULL, &out, error), invalid);
    REFUSED(nexus_object_contains(list, &zero, NULL, error), invalid);
    REFUSED(nexus_object_iterate(list, NULL, error), invalid);
    REFUSED(nexus_object_next(list, NULL, error), invalid);
    REFUSED_ARRAY(NexusValue, out, (count = 0, nexus_object_next_many(list, out, 3, NULL, error)), invalid);
    REFUSED_NUMBER(size_t, out, nexus_object_next_many(list, NULL, 3, &out, error), invalid);
    REFUSED_NUMBER(size_t, out, nexus_object_next_many(list, &value, SIZE_MAX, &out, error), invalid);
    REFUSED_ARRAY(NexusValue, out, (count = 0, nexus_sequence_read(list, 0, out, 3, NULL, error)), invalid);
    REFUSED_NUMBER(size_t, out, nexus_sequence_read(list, 0, NULL, 3, &out, error), invalid);
    REFUSED_NUMBER(size_t, out, nexus_sequence_read(list, 0, &value, SIZE_MAX / 8, &out, error), invalid);
    REFUSED_ARRAY(int64_t, out, (count = 0, nexus_sequence_read_integers(list, 0, out, 3, NULL, error)), invalid);
    REFUSED_NUMBER(size_t, out, nexus_sequence_read_integers(list, 0, NULL, 3, &out, error), invalid);
    REFUSED_ARRAY(double, out, (count = 0, nexus_sequence_read_reals(list, 0, out, 3, NULL, error)), invalid);
    REFUSED_NUMBER(size_t, out, nexus_sequence_read_reals(list, 0, NULL, 3, &out, error), invalid);
    REFUSED_ARRAY(NexusValue, out, (count = 0, nexus_dict_read(list, out, out, 3, NULL, error)), invalid);
    REFUSED_NUMBER(size_t, out, nexus_dict_read(list, &value, NULL, SIZE_MAX, &out, error), invalid);
    REFUSED_ARRAY(NexusValue, out, (count = 0, nexus_set_read(list, out, 3, NULL, error)), invalid);
    REFUSED_NUMBER(size_t, out, nexus_set_read(list, NULL, 3, &out, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_list_new(NULL, 1, &out, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_list_new(&zero, SIZE_MAX / 16, &out, error), invalid);
    REFUSED(nexus_list_new(&zero, 1, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_tuple_new(NULL, 1, &out, error), invalid);
    REFUSED(nexus_tuple_new(&zero, 1, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_set_new(NULL, 1, &out, error), invalid);
    REFUSED(nexus_set_new(&zero, 1, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_frozenset_new(NULL, 1, &out, error), invalid);
    REFUSED(nexus_frozenset_new(&zero, 1, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_dict_new(NULL, &zero, 1, &out, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_dict_new(&zero, NULL, 1, &out, error), invalid);
    REFUSED(nexus_dict_new(&zero, &zero, 1, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_list_new_integers(NULL, 1, &out, error), invalid);
    REFUSED(nexus_list_new_integers(NULL, 0, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_list_new_reals(NULL, 1, &out, error), invalid);
    REFUSED(nexus_list_new_reals(NULL, 0, NULL, error), invalid);
    REFUSED_POINTER(NexusObject, out, nexus_object_new(NULL, &out, error), invalid);
    REFUSED(nexus_object_new(&zero, NULL, error), invalid);
    REFUSED(nexus_object_value(list, NULL, error), invalid);
    REFUSED_NUMBER(int64_t, out, nexus_value_to_int64(NULL, &out, error), invalid);
    REFUSED(nexus_value_to_int64(&zero, NULL, error), invalid);
    REFUSED_NUMBER(uint64_t, out, nexus_value_to_uint64(NULL, &out, error), invalid);
    REFUSED(nexus_value_to_uint64(&zero, NULL, error), invalid);
    REFUSED_NUMBER(double, out, nexus_value_to_double(NULL, &out, error), invalid);
    REFUSED(nexus_value_to_double(&zero, NULL, error), invalid);
    REFUSED_NUMBER(double, out, nexus_value_as_float(NULL, &out, error), invalid);
    REFUSED(nexus_value_as_float(&zero, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_value_as_index(NULL, &out, error), invalid);
    REFUSED(nexus_value_as_index(&zero, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_int_from_text(NULL, 1, &out, error), invalid);
    REFUSED(nexus_int_from_text("1", 1, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_int_to_text(NULL, &out, error), invalid);
    REFUSED(nexus_int_to_text(&zero, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_int_from_bytes(NULL, 1, 0, &out, error), invalid);
    REFUSED_VALUE(out, nexus_int_from_bytes("a", 1, UINT32_MAX, &out, error), invalid);
    REFUSED(nexus_int_from_bytes("a", 1, 0, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_int_to_bytes(NULL, 0, &out, error), invalid);
    REFUSED_VALUE(out, nexus_int_to_bytes(&zero, 4, &out, error), invalid);
    REFUSED(nexus_int_to_bytes(&zero, 0, NULL, error), invalid);
    REFUSED_NUMBER(uint32_t, out, nexus_int_write_bytes(NULL, 0, (uint8_t *)&out, 4, error), invalid);
    REFUSED_NUMBER(uint32_t, out, nexus_int_write_bytes(&zero, 4, (uint8_t *)&out, 4, error), invalid);
    REFUSED(nexus_int_write_bytes(&zero, 0, NULL, 4, error), invalid);
    REFUSED(nexus_complex_new(1, 2, NULL, error), invalid);
    REFUSED_NUMBER(double, out, nexus_complex_read(list, NULL, &out, error), invalid);
    REFUSED_NUMBER(double, out, nexus_complex_read(list, &out, NULL, error), invalid);
    REFUSED(nexus_object_type(list, NULL, error), invalid);
    REFUSED(nexus_object_is_instance(list, list, NULL, error), invalid);
    REFUSED_NUMBER(bool, out, nexus_object_is_instance(list, NULL, &out, error), NEXUS_ERR_BAD_HANDLE);
    REFUSED_NUMBER(bool, out, nexus_object_is_instance_of_any(list, NULL, 1, &out, error), invalid);
    REFUSED(nexus_object_is_instance_of_any(list, NULL, 0, NULL, error), invalid);
    REFUSED(nexus_object_is_callable(list, NULL, error), invalid);
    REFUSED_NUMBER(bool, out, nexus_object_compare(list, NEXUS_EQUAL, NULL, &out, error), invalid);
    REFUSED(nexus_object_compare(list, NEXUS_EQUAL, &zero, NULL, error), invalid);
    REFUSED(nexus_object_is(list, list, NULL, error), invalid);
    REFUSED(nexus_object_truth(list, NULL, error), invalid);
    REFUSED(nexus_object_hash(list, NULL, error), invalid);
    REFUSED(nexus_object_signature(list, NULL, error), invalid);
    REFUSED(nexus_object_doc(list, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_object_from_json(NULL, 1, &out, error), invalid);
    REFUSED(nexus_object_from_json("1", 1, NULL, error), invalid);
    REFUSED(nexus_object_to_json(list, NULL, error), invalid);
    REFUSED_VALUE(out, nexus_generator_send(list, NULL, &out, &truth, error), invalid);
    REFUSED_VALUE(out, nexus_generator_send(list, &zero, &out, NULL, error), invalid);
    REFUSED_NUMBER(bool, out, nexus_generator_send(list, &zero, NULL, &out, error), invalid);
    REFUSED(nexus_object_await(list, NULL, error), invalid);

    /* Values that are none, where one is taken. */
    NexusValue unknown = zero;
    const uint32_t kind = UINT32_MAX;
    memcpy(&unknown.kind, &kind, sizeof kind);
    const NexusValue bad[] = {unknown, nexus_value_text(NULL, 3), nexus_value_text("\xff", 1)};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        REFUSED_VALUE(out, nexus_object_item(list, &bad[i], &out, error), invalid);
        REFUSED(nexus_object_set_item(list, &bad[i], &zero, error), invalid);
        REFUSED(nexus_object_set_item(list, &zero, &bad[i], error), invalid);
        REFUSED(nexus_object_set_attr(list, "a", &bad[i], error), invalid);
        REFUSED_POINTER(NexusObject, out, nexus_list_new(&bad[i], 1, &out, error), invalid);
        REFUSED_POINTER(NexusObject, out, nexus_object_new(&bad[i], &out, error), invalid);
        REFUSED_NUMBER(int64_t, out, nexus_value_to_int64(&bad[i], &out, error), invalid);
        REFUSED_NUMBER(double, out, nexus_value_as_float(&bad[i], &out, error), invalid);
        REFUSED_VALUE(out, nexus_int_to_text(&bad[i], &out, error), invalid);
        REFUSED_VALUE(out, nexus_generator_send(list, &bad[i], &out, &truth, error), invalid);
    }
    nexus_values_clear(NULL, 3);
    nexus_values_clear(&value, SIZE_MAX);
    /* The list is as it was. */
    NexusError *error = NULL;
    CHECK_GIVES(nexus_object_length(list, &count, &error), count, 1);
}

#endif
