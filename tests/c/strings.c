/* Strings of every kind, through everything that takes or gives one. */
#include "object_check.h"

/* UTF-8, and how Python writes it. */
static const struct { const char *data; size_t size; const char *python; } strings[] = {
    {"", 0, "''"},
    {"a", 1, "'a'"},
    {"\0", 1, "'\\0'"},
    {"a\0b\0", 4, "'a\\0b\\0'"},
    {"\x7f", 1, "'\\x7f'"},
    {"\xc2\x80", 2, "'\\x80'"},
    {"\xc3\xbf", 2, "'\\xff'"},
    {"\xc4\x80", 2, "'\\u0100'"},
    {"\xef\xbb\xbf" "a", 4, "'\\ufeffa'"},
    {"\xed\x9f\xbf", 3, "'\\ud7ff'"},
    {"\xee\x80\x80", 3, "'\\ue000'"},
    {"\xef\xbf\xbf", 3, "'\\uffff'"},
    {"\xf0\x90\x80\x80", 4, "'\\U00010000'"},
    {"\xf4\x8f\xbf\xbf", 4, "'\\U0010ffff'"},
    {"e\xcc\x81", 3, "'e\\u0301'"},
    {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", 11, "'\\U0001f469\\u200d\\U0001f4bb'"},
};

CASE(strings_through_containers) {
    for (size_t i = 0; i < COUNT(strings); i++) {
        NexusValue text = nexus_value_text(strings[i].data, strings[i].size), back[2];
        NexusObject *list = NULL, *dict = NULL;
        size_t count;
        CHECK_OK(nexus_list_new(&text, 1, &list, &error));
        CHECK_HOLDS(list, formatted("it == [%s]", strings[i].python));
        CHECK_OK(nexus_sequence_read(list, 0, back, 1, &count, &error));
        CHECK_NUMBER(back[0].kind, NEXUS_KIND_TEXT);
        CHECK_NUMBER(back[0].as.text.size, strings[i].size);
        CHECK(memcmp(back[0].as.text.data, strings[i].data, strings[i].size + 1) == 0);
        nexus_value_clear(&back[0]);
        CHECK_OK(nexus_dict_new(&text, &text, 1, &dict, &error));
        CHECK_HOLDS(dict, formatted("it == {%s: %s}", strings[i].python, strings[i].python));
        CHECK_OK(nexus_object_item(dict, &text, &back[0], &error));
        CHECK_NUMBER(back[0].as.text.size, strings[i].size);
        nexus_value_clear(&back[0]);
        NexusValue json = poison(), parsed = poison();
        CHECK_OK(nexus_object_to_json(list, &json, &error));
        CHECK_OK(nexus_object_from_json(json.as.text.data, json.as.text.size, &parsed, &error));
        CHECK_HOLDS(parsed.as.object, formatted("it == [%s]", strings[i].python));
        CLEAR_VALUES(&parsed, &json);
        FREE_OBJECTS(list, dict);
    }
}

/* Names end at the NUL; any other will do, also one that Python's grammar would not take. */
CASE(strings_as_attribute_names) {
    NexusObject *space = object("__import__('types').SimpleNamespace()");
    for (size_t i = 0; i < COUNT(strings); i++) {
        if (memchr(strings[i].data, 0, strings[i].size)) continue;
        NexusValue number = nexus_value_integer((int64_t)i), back;
        bool has = false;
        CHECK_OK(nexus_object_set_attr(space, strings[i].data, &number, &error));
        CHECK_HOLDS(space, formatted("vars(it)[%s] == %zu", strings[i].python, i));
        CHECK_GIVES(nexus_object_has_attr(space, strings[i].data, &has, &error), has, true);
        CHECK_GIVES(nexus_object_attr(space, strings[i].data, &back, &error), integer_of(back), i);
        CHECK_OK(nexus_object_delete_attr(space, strings[i].data, &error));
        CHECK_HOLDS(space, formatted("%s not in vars(it)", strings[i].python));
    }
    nexus_object_free(space);
}

CASE(bytes_that_are_not_utf8) {
    const char *const bad[] = {"\xff", "a\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xf8\x88\x80\x80\x80"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        NexusValue text = text_value(bad[i]), out = poison();
        NexusObject *made;
        CHECK_FAILS(nexus_list_new(&text, 1, &made, &error), NEXUS_ERR_INVALID_ARGUMENT, "pass it as bytes");
        CHECK_FAILS(nexus_object_new(&text, &made, &error), NEXUS_ERR_INVALID_ARGUMENT, "pass it as bytes");
        CHECK_FAILS(nexus_object_from_json(bad[i], strlen(bad[i]), &out, &error), NEXUS_ERR_INVALID_ARGUMENT, "UTF-8");
        CHECK(is_none(&out));
    }
}

/* UTF-8 cannot hold one: the str stays an object, with which everything can be done; what is meant for people
 * has it escaped. */
CASE(lone_surrogates) {
    NexusObject *list = object("['a\\ud800', '\\udfff', '\\ud83d\\ude00']"), *made;
    NexusValue items[3], text = poison();
    size_t count;
    CHECK_OK(nexus_sequence_read(list, 0, items, 3, &count, &error));
    for (int i = 0; i < 3; i++) CHECK_NUMBER(items[i].kind, NEXUS_KIND_OBJECT);
    CHECK_MAKES(nexus_tuple_new(items, 3, &made, &error), made, "it == ('a\\ud800', '\\udfff', '\\ud83d\\ude00')");
    CHECK_GIVES_TEXT(nexus_object_str(items[0].as.object, &text, &error), text, "a\\ud800");
    /* The documented way to its bytes. */
    NexusValue how[] = {text_value("utf-8"), text_value("surrogatepass")};
    text = call(items[0].as.object, "encode", how, 2);
    CHECK(text.kind == NEXUS_KIND_BYTES && text.as.text.size == 4 && memcmp(text.as.text.data, "a\xed\xa0\x80", 4) == 0);
    nexus_value_clear(&text);
    CHECK_OK(nexus_object_to_json(list, &text, &error));
    CHECK(is_text(&text, "[\"a\\ud800\",\"\\udfff\",\"\\ud83d\\ude00\"]"));
    NexusValue back;
    CHECK_OK(nexus_object_from_json("[\"a\\ud800\"]", 11, &back, &error));
    CHECK_HOLDS(back.as.object, "it == ['a\\ud800']");
    CLEAR_VALUES(&back, &text);
    clear_all(items, 3);
    nexus_object_free(list);
    /* As a key, and as what is looked for. */
    NexusObject *dict = object("{'\\ud800': 5}");
    NexusValue key = evaluate("'\\ud800'");
    CHECK_GIVES(nexus_object_item(dict, &key, &back, &error), integer_of(back), 5);
    nexus_value_clear(&key);
    nexus_object_free(dict);
}

CASE(ten_megabytes) {
    const size_t size = 10u << 20;
    char *data = malloc(size + 1);
    CHECK(data != NULL);
    for (size_t i = 0; i + 4 <= size; i += 4) memcpy(data + i, i % 8 ? "\xf0\x9f\x90\x8d" : "ab\xc3\xa9", 4);
    data[size] = '\0';
    NexusValue text = nexus_value_text(data, size), back = poison(), json = poison();
    NexusObject *list = NULL;
    CHECK_OK(nexus_list_new(&text, 1, &list, &error));
    CHECK_HOLDS(list, "len(it[0]) == (10 << 20) // 8 * 4");
    CHECK_OK(nexus_object_item_at(list, 0, &back, &error));
    CHECK_NUMBER(back.as.text.size, size);
    CHECK(memcmp(back.as.text.data, data, size + 1) == 0);
    nexus_value_clear(&back);
    CHECK_OK(nexus_object_to_json(list, &json, &error));
    CHECK_NUMBER(json.as.text.size, size + 4);
    CHECK_OK(nexus_object_from_json(json.as.text.data, json.as.text.size, &back, &error));
    CHECK_HOLDS(back.as.object, "len(it[0]) == (10 << 20) // 8 * 4");
    CLEAR_VALUES(&back, &json);
    CHECK_OK(nexus_object_repr(list, &back, &error));
    CHECK(back.as.text.size > size);
    nexus_value_clear(&back);
    nexus_object_free(list);
    free(data);
}

CASE(subclass_of_str) {
    NexusObject *list = object("[type('Text', (str,), {'__str__': lambda self: 'own', '__repr__': lambda self: 'mine'})('given')]");
    NexusValue item, text;
    CHECK_OK(nexus_object_item_at(list, 0, &item, &error));
    CHECK_NUMBER(item.kind, NEXUS_KIND_OBJECT);
    CHECK_GIVES_TEXT(nexus_object_str(item.as.object, &text, &error), text, "own");
    CHECK_GIVES_TEXT(nexus_object_repr(item.as.object, &text, &error), text, "mine");
    CHECK_OK(nexus_object_to_json(list, &text, &error));
    CHECK(is_text(&text, "[\"given\"]"));
    CLEAR_VALUES(&text, &item);
    nexus_object_free(list);
}
