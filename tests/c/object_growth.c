/* A million operations on objects leave nothing behind. */
#include "growth.h"
#include "object_check.h"

static NexusObject *list, *dict, *set, *space, *type, *large, *complex_number, *odd;

static void make_objects(void) {
    nexus_log_set(NULL, NULL, 0);
    list = object("[1000, 2.5, 'größe', b'x', None, [7], 2**70]");
    dict = object("{'a': [1], 'b': 2**70, 3: 'x'}");
    set = object("{1000, 'a', (1,)}");
    space = object("__import__('types').SimpleNamespace()");
    type = object("list");
    large = object("-10**300");
    complex_number = object("1j");
    odd = object("type('Odd', (), {'__len__': lambda s: 3, '__getitem__': lambda s, i: [i] if i < 2 else 1 / 0,"
                 " '__eq__': lambda s, o: 1 / 0, '__bool__': lambda s: 1 / 0, '__hash__': lambda s: 1 / 0,"
                 " '__index__': lambda s: 1 / 0, '__float__': lambda s: 1 / 0, '__iter__': lambda s: 1 / 0})()");
}

static void clear(NexusValue *value) { nexus_value_clear(value); }

/* --- Items and attributes: some 25 operations ------------------------------------------------------ */

static void items(void) {
    NexusValue key = text_value("a"), value, number = nexus_value_integer(123456);
    bool is;
    size_t length;
    int64_t hash;
    NexusObject *made;
    CHECK_OK(nexus_object_set_attr(space, "field", &number, &error));
    CHECK_OK(nexus_object_delete_attr(space, "field", &error));
    CHECK_OK(nexus_object_item(dict, &key, &value, &error));
    clear(&value);
    CHECK_OK(nexus_object_find_item(dict, &key, &value, &is, &error));
    clear(&value);
    CHECK_OK(nexus_object_find_item(dict, &number, &value, &is, &error));
    CHECK_OK(nexus_object_set_item(dict, &number, &key, &error));
    CHECK_OK(nexus_object_delete_item(dict, &number, &error));
    for (int64_t i = 0; i < 7; i++) {
        CHECK_OK(nexus_object_item_at(list, i, &value, &error));
        clear(&value);
    }
    CHECK_OK(nexus_object_set_item_at(list, 0, &number, &error));
    CHECK_OK(nexus_object_item_at(dict, 3, &value, &error));
    clear(&value);
    CHECK_OK(nexus_object_length(list, &length, &error));
    CHECK_OK(nexus_object_contains(list, &number, &is, &error));
    CHECK_OK(nexus_object_compare(list, NEXUS_EQUAL, &number, &is, &error));
    CHECK_OK(nexus_object_is(list, dict, &is, &error));
    CHECK_OK(nexus_object_truth(list, &is, &error));
    CHECK_OK(nexus_object_hash(large, &hash, &error));
    CHECK_OK(nexus_object_is_instance(list, type, &is, &error));
    const NexusObject *types[] = {type, type};
    CHECK_OK(nexus_object_is_instance_of_any(list, types, 2, &is, &error));
    CHECK_OK(nexus_object_is_callable(type, &is, &error));
    CHECK_OK(nexus_object_type(list, &made, &error));
    nexus_object_free(made);
}

CASE(a_million_items_and_attributes) {
    make_objects();
    does_not_grow("items", items, 40000);
}

/* --- Containers ------------------------------------------------------------------------------------ */

static void containers(void) {
    NexusObject *made, *iterator;
    NexusValue values[8], others[8];
    size_t count;
    CHECK_OK(nexus_sequence_read(list, 0, values, 8, &count, &error));
    CHECK_OK(nexus_list_new(values, count, &made, &error));
    nexus_object_free(made);
    CHECK_OK(nexus_tuple_new(values, count, &made, &error));
    nexus_object_free(made);
    CHECK_OK(nexus_set_new(values, 5, &made, &error));
    nexus_object_free(made);
    CHECK_OK(nexus_frozenset_new(values, 5, &made, &error));
    nexus_object_free(made);
    CHECK_OK(nexus_dict_new(values, values, 5, &made, &error));
    nexus_object_free(made);
    clear_all(values, 8);
    CHECK_OK(nexus_dict_read(dict, values, others, 8, &count, &error));
    clear_all(values, 8);
    clear_all(others, 8);
    CHECK_OK(nexus_set_read(set, values, 8, &count, &error));
    clear_all(values, 8);
    CHECK_OK(nexus_object_iterate(list, &iterator, &error));
    CHECK_OK(nexus_object_next(iterator, &values[0], &error));
    clear(&values[0]);
    CHECK_OK(nexus_object_next_many(iterator, values, 8, &count, &error));
    clear_all(values, 8);
    CHECK_STATUS(nexus_object_next(iterator, &values[0], &error), NEXUS_ERR_END);
    nexus_object_free(iterator);
    const int64_t integers[] = {1000, 2000, INT64_MAX};
    const double reals[] = {0.5, 1.5};
    int64_t integers_back[3];
    double reals_back[3];
    CHECK_OK(nexus_list_new_integers(integers, 3, &made, &error));
    CHECK_OK(nexus_sequence_read_integers(made, 0, integers_back, 3, &count, &error));
    nexus_object_free(made);
    CHECK_OK(nexus_list_new_reals(reals, 2, &made, &error));
    CHECK_OK(nexus_sequence_read_reals(made, 0, reals_back, 3, &count, &error));
    nexus_object_free(made);
}

CASE(a_million_values_through_containers) {
    make_objects();
    does_not_grow("containers", containers, 20000);
}

/* --- Numbers and texts ----------------------------------------------------------------------------- */

static void numbers(void) {
    NexusValue value = nexus_value_object(large), out, again;
    uint8_t bytes[200];
    double real, imaginary;
    NexusObject *made;
    CHECK_OK(nexus_int_to_text(&value, &out, &error));
    CHECK_OK(nexus_int_from_text(out.as.text.data, out.as.text.size, &again, &error));
    clear(&again);
    clear(&out);
    CHECK_OK(nexus_int_to_bytes(&value, 0, &out, &error));
    CHECK_OK(nexus_int_from_bytes(out.as.text.data, out.as.text.size, 0, &again, &error));
    clear(&again);
    clear(&out);
    CHECK_OK(nexus_int_write_bytes(&value, NEXUS_INT_BIG_ENDIAN, bytes, sizeof bytes, &error));
    CHECK_OK(nexus_value_as_index(&value, &out, &error));
    clear(&out);
    CHECK_OK(nexus_value_as_float(&value, &real, &error));
    CHECK_STATUS(nexus_value_to_double(&value, &real, NULL), NEXUS_ERR_OVERFLOW);
    CHECK_OK(nexus_complex_new(1, 2, &made, &error));
    CHECK_OK(nexus_complex_read(made, &real, &imaginary, &error));
    nexus_object_free(made);
    CHECK_OK(nexus_object_new(&value, &made, &error));
    CHECK_OK(nexus_object_value(made, &out, &error));
    clear(&out);
    nexus_object_free(made);
}

CASE(numbers_of_any_size) {
    make_objects();
    does_not_grow("numbers", numbers, 20000);
}

static void texts(void) {
    NexusValue value, parsed;
    NexusNames *names;
    CHECK_OK(nexus_object_from_json("{\"a\": [1, 2.5, \"x\"]}", 20, &parsed, &error));
    CHECK_OK(nexus_object_to_json(parsed.as.object, &value, &error));
    clear(&value);
    clear(&parsed);
    CHECK_OK(nexus_object_dir(space, &names, &error));
    nexus_names_free(names);
    CHECK_OK(nexus_object_doc(type, &value, &error));
    clear(&value);
    CHECK_OK(nexus_object_signature(type, &value, &error));
    clear(&value);
}

CASE(json_and_help) {
    make_objects();
    does_not_grow("texts", texts, 3000);
}

/* --- Generators and coroutines --------------------------------------------------------------------- */

static void coroutines(void) {
    NexusObject *builtins = import("builtins");
    NexusValue names = call0(builtins, "dict"), none = nexus_value_none(), result;
    NexusValue args[] = {text_value("async def f():\n    return [1]\ndef g():\n    yield [2]\n"), names};
    NexusValue unused = call(builtins, "exec", args, 2), made;
    bool finished;
    clear(&unused);
    NexusValue f = call1(names.as.object, "get", text_value("f")), g = call1(names.as.object, "get", text_value("g"));
    CHECK_OK(nexus_object_call(f.as.object, NULL, 0, &made, &error));
    CHECK_OK(nexus_object_await(made.as.object, &result, &error));
    clear(&result);
    clear(&made);
    for (int left_open = 0; left_open < 2; left_open++) {
        CHECK_OK(nexus_object_call(g.as.object, NULL, 0, &made, &error));
        CHECK_OK(nexus_generator_send(made.as.object, &none, &result, &finished, &error));
        clear(&result);
        if (!left_open) CHECK_OK(nexus_generator_close(made.as.object, &error));
        clear(&made);
    }
    clear(&f);
    clear(&g);
    clear(&names);
    nexus_object_free(builtins);
}

CASE(generators_and_coroutines) {
    make_objects();
    does_not_grow("coroutines", coroutines, 500);
}

/* --- Failures: what was made before them is released ------------------------------------------------ */

static void failures(void) {
    NexusValue values[4], bad[3] = {nexus_value_object(list), text_value("x"), nexus_value_object(NULL)}, out;
    NexusValue itself = nexus_value_object(odd);
    NexusObject *made;
    size_t count;
    bool is;
    int64_t number;
    double real;
    CHECK_RAISES(nexus_sequence_read(odd, 0, values, 4, &count, &error), "builtins.ZeroDivisionError");
    CHECK_STATUS(nexus_object_compare(odd, NEXUS_EQUAL, &bad[0], &is, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_truth(odd, &is, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_hash(odd, &number, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_iterate(odd, &made, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_value_as_index(&itself, &out, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_value_as_float(&itself, &real, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_list_new(bad, 3, &made, NULL), NEXUS_ERR_BAD_HANDLE);
    CHECK_STATUS(nexus_tuple_new(bad, 3, &made, NULL), NEXUS_ERR_BAD_HANDLE);
    CHECK_STATUS(nexus_set_new(bad, 2, &made, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_dict_new(bad + 1, bad + 1, 2, &made, NULL), NEXUS_ERR_BAD_HANDLE);
    CHECK_STATUS(nexus_dict_new(&bad[0], &bad[1], 1, &made, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_dict_read(dict, values, NULL, 2, &count, NULL), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_STATUS(nexus_set_read(set, values, 2, &count, NULL), NEXUS_ERR_INVALID_ARGUMENT);
    CHECK_STATUS(nexus_sequence_read_integers(list, 0, &number, 1, &count, NULL), NEXUS_OK);
    CHECK_STATUS(nexus_sequence_read_reals(list, 2, &real, 1, &count, NULL), NEXUS_ERR_TYPE);
    CHECK_STATUS(nexus_object_item(dict, &bad[0], &out, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_set_item(list, &bad[1], &bad[2], NULL), NEXUS_ERR_BAD_HANDLE);
    CHECK_STATUS(nexus_object_to_json(set, &out, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_from_json("[[1, 2], 3", 10, &out, NULL), NEXUS_ERR_EXCEPTION);
    CHECK_STATUS(nexus_object_await(list, &out, NULL), NEXUS_ERR_TYPE);
}

CASE(failures_of_objects) {
    make_objects();
    does_not_grow("failures", failures, 2000);
}
