// nexus_loader from C++: the same calls as in nexus.c and nexus_prepared.c, through nexus_loader.hpp. It is to
// cost nothing over them. The driver has started Python, and loaded callee.so, with nexus.c.
#include "contestant.h"

#include <nexus_loader.hpp>

#include <cstdio>
#include <cstring>
#include <utility>

namespace {

struct Callables {
    nexus::Module module;
    nexus::Object nothing, add, add_reals, length, again;
    nexus::PreparedCall<nexus::Object()> prepared_nothing;
    nexus::PreparedCall<long long(long long, long long)> prepared_add;
    nexus::PreparedCall<double(double, double)> prepared_add_reals;
    nexus::PreparedCall<std::size_t(std::string_view)> prepared_length;
    nexus::PreparedCall<nexus::Object(std::string_view)> prepared_again;

    explicit Callables(nexus::Module callee)
        : module(std::move(callee)), nothing(module.get_attr("nothing")), add(module.get_attr("add")),
          add_reals(module.get_attr("add_reals")), length(module.get_attr("length")), again(module.get_attr("again")),
          prepared_nothing(nothing.prepare<nexus::Object()>()), prepared_add(add.prepare<long long(long long, long long)>()),
          prepared_add_reals(add_reals.prepare<double(double, double)>()),
          prepared_length(length.prepare<std::size_t(std::string_view)>()),
          prepared_again(again.prepare<nexus::Object(std::string_view)>())
    {
    }
};
// Never destroyed: Python is never finalized.
Callables *callee;

constexpr std::string_view text(TEXT_32);

int invoke_none(size_t) { return !callee->nothing().is_none(); }
int invoke_ints(size_t i) { return callee->add.invoke<long long>(SMALL_A(i), SMALL_B(i)) != SMALL_A(i) + SMALL_B(i); }
int invoke_big_ints(size_t i) { return callee->add.invoke<long long>(BIG_A(i), BIG_B(i)) != BIG_A(i) + BIG_B(i); }
int invoke_reals(size_t i) { return callee->add_reals.invoke<double>(REAL_A(i), REAL_B(i)) != REAL_A(i) + REAL_B(i); }
int invoke_text(size_t) { return callee->length.invoke<std::size_t>(text) != text.size(); }
int is_other(const nexus::Object &back)
{
    const auto view = back.as<std::string_view>();
    return view.size() != text.size() || std::memcmp(view.data(), TEXT_32, sizeof TEXT_32 - 1) != 0;
}
int invoke_text_back(size_t) { return is_other(callee->again(text)); }

int method_none(size_t) { return !callee->module.call("nothing").is_none(); }
int method_ints(size_t i) { return callee->module.call<long long>("add", SMALL_A(i), SMALL_B(i)) != SMALL_A(i) + SMALL_B(i); }
int method_big_ints(size_t i) { return callee->module.call<long long>("add", BIG_A(i), BIG_B(i)) != BIG_A(i) + BIG_B(i); }
int method_reals(size_t i) { return callee->module.call<double>("add_reals", REAL_A(i), REAL_B(i)) != REAL_A(i) + REAL_B(i); }
int method_text(size_t) { return callee->module.call<std::size_t>("length", text) != text.size(); }

int prepared_none(size_t) { return !callee->prepared_nothing().is_none(); }
int prepared_ints(size_t i) { return callee->prepared_add(SMALL_A(i), SMALL_B(i)) != SMALL_A(i) + SMALL_B(i); }
int prepared_big_ints(size_t i) { return callee->prepared_add(BIG_A(i), BIG_B(i)) != BIG_A(i) + BIG_B(i); }
int prepared_reals(size_t i) { return callee->prepared_add_reals(REAL_A(i), REAL_B(i)) != REAL_A(i) + REAL_B(i); }
int prepared_text(size_t) { return callee->prepared_length(text) != text.size(); }
int prepared_text_back(size_t) { return is_other(callee->prepared_again(text)); }

/// What a way throws is a wrong result.
template <class F> int right(F &&way) noexcept
{
    try {
        return way();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "nexus_loader.hpp: %s\n", error.what());
        return -1;
    }
}

template <int (*call)(size_t)> int per_call(size_t count)
{
    return right([=] {
        int wrong = 0;
        for (size_t i = 0; i < count; i++) wrong |= call(i);
        return wrong;
    });
}

template <int (*call)(size_t)> int attached(size_t count)
{
    return right([=] {
        const nexus::attach guard;
        return per_call<call>(count);
    });
}

const char *const INVOKE = "C++, nexus::Object::invoke";
const char *const METHOD = "C++, nexus::Object::call";
const char *const PREPARED = "C++, nexus::PreparedCall";

const Way ways[] = {
    BOTH(INVOKE, WHAT_NONE, invoke_none),
    BOTH(INVOKE, WHAT_INTS, invoke_ints),
    BOTH(INVOKE, WHAT_BIG_INTS, invoke_big_ints),
    BOTH(INVOKE, WHAT_REALS, invoke_reals),
    BOTH(INVOKE, WHAT_TEXT, invoke_text),
    BOTH(INVOKE, WHAT_TEXT_BACK, invoke_text_back),
    BOTH(METHOD, WHAT_NONE, method_none),
    BOTH(METHOD, WHAT_INTS, method_ints),
    BOTH(METHOD, WHAT_BIG_INTS, method_big_ints),
    BOTH(METHOD, WHAT_REALS, method_reals),
    BOTH(METHOD, WHAT_TEXT, method_text),
    BOTH(PREPARED, WHAT_NONE, prepared_none),
    BOTH(PREPARED, WHAT_INTS, prepared_ints),
    BOTH(PREPARED, WHAT_BIG_INTS, prepared_big_ints),
    BOTH(PREPARED, WHAT_REALS, prepared_reals),
    BOTH(PREPARED, WHAT_TEXT, prepared_text),
    BOTH(PREPARED, WHAT_TEXT_BACK, prepared_text_back),
    {nullptr, nullptr, nullptr, nullptr},
};

int prepare(const Setup *)
{
    return right([] {
        callee = new Callables(nexus::import_module("callee"));
        return 0;
    });
}

} // namespace

const Contestant *contestant(void)
{
    static const Contestant self = {"nexus_loader.hpp", nullptr, prepare, nullptr, ways};
    return &self;
}
