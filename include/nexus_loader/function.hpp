// Functions of the program as Python callables.
#ifndef NEXUS_LOADER_FUNCTION_HPP
#define NEXUS_LOADER_FUNCTION_HPP

#include "access.hpp"

#include <exception>
#include <functional>
#include <system_error>

NEXUS_NAMESPACE_BEGIN

/// What Python is told about a function: its name, and if you like more:
/// `nexus::def("scale").doc("scale(x, by=2)").parameters({"x", "by"})`.
class def {
public:
    def(const char *name) : name_(name) {}
    def(std::string name) : name_(std::move(name)) {}

    /// Its documentation. UTF-8.
    def &doc(std::string documentation) & { return documentation_ = std::move(documentation), *this; }
    def &&doc(std::string documentation) && { return std::move(doc(std::move(documentation))); }
    /// The names of its parameters, by which they can then be given. Without, it takes no keyword arguments.
    def &parameters(std::vector<std::string> names) & { return parameters_ = std::move(names), *this; }
    def &&parameters(std::vector<std::string> names) && { return std::move(parameters(std::move(names))); }
    /// The GIL is held while it runs: faster, but it must wait neither for a lock nor for another thread.
    def &hold_gil() & { return flags_ = NEXUS_FUNCTION_HOLD_GIL, *this; }
    def &&hold_gil() && { return std::move(hold_gil()); }

    [[nodiscard]] const std::string &name() const noexcept { return name_; }
    [[nodiscard]] const std::string &doc() const noexcept { return documentation_; }
    [[nodiscard]] const std::vector<std::string> &parameters() const noexcept { return parameters_; }
    [[nodiscard]] std::uint32_t flags() const noexcept { return flags_; }

private:
    std::string name_, documentation_;
    std::vector<std::string> parameters_;
    std::uint32_t flags_ = 0;
};

/// All arguments of a call, whatever they are: the only parameter of a function that wants them so.
class arguments {
public:
    explicit arguments(const NexusArguments &given) noexcept : given_(&given) {}

    /// How many positional ones.
    [[nodiscard]] std::size_t size() const noexcept { return given_->count; }
    /// A positional one; NEXUS_ERR_NOT_FOUND beyond them.
    template <class T = Object> [[nodiscard]] result<T> try_get(std::size_t index) const
    {
        if (index >= size()) return Error(NEXUS_ERR_NOT_FOUND, "there is no argument " + std::to_string(index + 1));
        result<T> read = detail::read<T>(given_->values[index]);
        if (read) return read;
        return detail::within("argument " + std::to_string(index + 1), std::move(read).error());
    }
    /// A keyword argument, or nothing.
    template <class T = Object> [[nodiscard]] result<std::optional<T>> try_find(std::string_view name) const
    {
        for (std::size_t index = 0; index < keyword_count(); index++) {
            if (keyword_name(index) == name) return detail::read<std::optional<T>>(given_->values[given_->count + index]);
        }
        return std::optional<T>();
    }
    [[nodiscard]] std::size_t keyword_count() const noexcept { return given_->keyword_count; }
    [[nodiscard]] std::string_view keyword_name(std::size_t index) const noexcept { return given_->keywords[index]; }

#ifndef NEXUS_NO_EXCEPTIONS
    template <class T = Object> [[nodiscard]] T get(std::size_t index) const { return try_get<T>(index).value(); }
    template <class T = Object> [[nodiscard]] std::optional<T> find(std::string_view name) const { return try_find<T>(name).value(); }
#endif

private:
    const NexusArguments *given_;
};

namespace detail {

// ---- The signature of what can be called ---------------------------------------------------------------

template <class R, class... P> struct Signature {};

template <class T, class = void> struct signature_of {
    static_assert(always_false<T>, "nexus::function takes a function, or an object with one operator() that is no template");
};
template <class R, class... P> struct signature_of<R (*)(P...)> { using type = Signature<R, P...>; };
template <class R, class... P> struct signature_of<R (*)(P...) noexcept> { using type = Signature<R, P...>; };
template <class T> struct signature_of<T, std::void_t<decltype(&T::operator())>> : signature_of<decltype(&T::operator())> {};
template <class C, class R, class... P> struct signature_of<R (C::*)(P...)> { using type = Signature<R, P...>; };
template <class C, class R, class... P> struct signature_of<R (C::*)(P...) const> { using type = Signature<R, P...>; };
template <class C, class R, class... P> struct signature_of<R (C::*)(P...) noexcept> { using type = Signature<R, P...>; };
template <class C, class R, class... P> struct signature_of<R (C::*)(P...) const noexcept> { using type = Signature<R, P...>; };

// ---- What leaves a function of the program -------------------------------------------------------------

/// A text that may be no UTF-8, as that of what() may: other bytes are written in hexadecimal.
NEXUS_COLD inline std::string escaped(const char *text)
{
    std::string ascii;
    for (; *text; text++) {
        const auto byte = static_cast<unsigned char>(*text);
        if (byte < 0x80) {
            ascii += *text;
        } else {
            ascii.append("\\x") += "0123456789abcdef"[byte >> 4];
            ascii += "0123456789abcdef"[byte & 15];
        }
    }
    return ascii;
}

#ifndef NEXUS_NO_EXCEPTIONS

/// A failure for C. `make(text, error)` makes it, and returns `wanted` if the text is UTF-8.
template <class Make> inline Status fail(Status wanted, const char *text, NexusError **error, Make &&make) noexcept
{
    const Status made = make(text, error);
    if (made == wanted) return made;
    try {
        const std::string ascii = escaped(text);
        nexus_error_free(*error);
        return make(ascii.c_str(), error);
    } catch (...) { // no memory for that: the error says that the text is no UTF-8
        return made;
    }
}
inline Status fail(NexusError **error, Status status, const char *text) noexcept
{
    return fail(status, text, error, [status](const char *message, NexusError **out) { return nexus_error_new(status, message, out); });
}
inline Status fail(NexusError **error, const char *type, const char *text) noexcept
{
    return fail(NEXUS_ERR_EXCEPTION, text, error, [type](const char *message, NexusError **out) { return nexus_error_raise(type, message, out); });
}

/// The exception that is being handled, as Python's: the same one if it came from Python.
NEXUS_COLD inline Status fail_with_current_exception(NexusError **error) noexcept
{
    try {
        throw;
    } catch (Error &failure) {
        return failure.hand_over(error);
    } catch (const std::bad_alloc &) {
        return nexus_error_new(NEXUS_ERR_NO_MEMORY, nullptr, error);
    } catch (const std::out_of_range &failure) {
        return fail(error, "builtins.IndexError", failure.what());
    } catch (const std::invalid_argument &failure) {
        return fail(error, NEXUS_ERR_INVALID_ARGUMENT, failure.what());
    } catch (const std::domain_error &failure) {
        return fail(error, NEXUS_ERR_INVALID_ARGUMENT, failure.what());
    } catch (const std::length_error &failure) {
        return fail(error, NEXUS_ERR_INVALID_ARGUMENT, failure.what());
    } catch (const std::range_error &failure) {
        return fail(error, NEXUS_ERR_INVALID_ARGUMENT, failure.what());
    } catch (const std::overflow_error &failure) {
        return fail(error, NEXUS_ERR_OVERFLOW, failure.what());
    } catch (const std::system_error &failure) {
        return fail(error, NEXUS_ERR_IO, failure.what());
    } catch (const std::exception &failure) {
        return fail(error, "builtins.RuntimeError", failure.what());
    } catch (...) {
        return fail(error, "builtins.RuntimeError", "a C++ exception that is no std::exception");
    }
}
#endif

/// A result for C, which takes over what it holds.
template <class R> result<void> hand_out(R &&value, NexusValue *out)
{
    using T = plain_type<R>;
    if constexpr (std::is_base_of_v<Object, T>) {
        static_assert(!std::is_lvalue_reference_v<R>, "return a nexus::Object, not a reference: object.clone()");
        *out = value.release();
        return {};
    } else {
        [[maybe_unused]] const Attached<makes_several<T>::value> attached;
        Keep keep;
        NexusValue made = nexus_value_none();
        result<void> written = write<T>(value, made, keep);
        if (written) written = outlive(made, keep);
        if (!written) return written;
        if (made.kind == NEXUS_KIND_OBJECT) keep.give(made.as.object);
        *out = made;
        return written;
    }
}

// ---- The function as C calls it ------------------------------------------------------------------------

/// How an argument is held while the function runs.
template <class P> struct held {
    using type = plain_type<P>;
    static_assert(!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>,
                  "a function that Python calls takes its arguments by value or as const &");
};
template <> struct held<const Object &> { using type = Borrowed; };
template <> struct reader<Borrowed> {
    static result<Borrowed> read(const NexusValue &value) { return Borrowed(value); }
};

template <class T> struct may_be_missing : std::false_type {};
template <class T> struct may_be_missing<std::optional<T>> : std::true_type {};

template <class F, class Of> class Callback;
template <class F, class R, class... P> class Callback<F, Signature<R, P...>> {
public:
    Callback(F function, def about) : function_(std::move(function)), about_(std::move(about)) {}

    static Status call(const NexusArguments *given, NexusValue *out, NexusError **error, void *self) noexcept
    {
#ifndef NEXUS_NO_EXCEPTIONS
        try {
            result<void> outcome = static_cast<Callback *>(self)->run(*given, out);
            return outcome ? NEXUS_OK : outcome.error().hand_over(error);
        } catch (...) {
            return fail_with_current_exception(error);
        }
#else
        result<void> outcome = static_cast<Callback *>(self)->run(*given, out);
        return outcome ? NEXUS_OK : outcome.error().hand_over(error);
#endif
    }

    static void destroy(void *self) noexcept { delete static_cast<Callback *>(self); }

private:
    F function_;
    def about_;

    static constexpr bool takes_all = std::is_same_v<std::tuple<plain_type<P>...>, std::tuple<arguments>>;

    result<void> run(const NexusArguments &given, NexusValue *out)
    {
        if constexpr (takes_all) {
            return finish(out, arguments(given));
        } else {
            const NexusValue *slots[sizeof...(P) + 1] = {};
            result<void> sorted = sort(given, slots);
            if (!sorted) return sorted;
            return run(slots, out, std::index_sequence_for<P...>());
        }
    }

    template <std::size_t... Index>
    result<void> run([[maybe_unused]] const NexusValue *const *slots, NexusValue *out, std::index_sequence<Index...>)
    {
        std::tuple<result<typename held<P>::type>...> held_arguments{argument_at<typename held<P>::type>(slots[Index], Index)...};
        result<void> outcome;
        (void)((outcome = failure(std::get<Index>(held_arguments)), outcome.has_value()) && ...);
        if (!outcome) return outcome;
        return finish(out, forwarded<P>(*std::get<Index>(held_arguments))...);
    }

    template <class T> static result<void> failure(result<T> &argument)
    {
        return argument ? result<void>() : result<void>(std::move(argument).error());
    }

    template <class Parameter, class T> static decltype(auto) forwarded(T &argument) noexcept
    {
        if constexpr (std::is_same_v<T, Borrowed>) {
            return static_cast<const Object &>(argument);
        } else {
            return static_cast<std::conditional_t<std::is_lvalue_reference_v<Parameter>, const T &, T &&>>(argument);
        }
    }

    template <class T> result<T> argument_at(const NexusValue *slot, std::size_t index) const
    {
        if constexpr (may_be_missing<T>::value) {
            if (!slot) return T();
        }
        result<T> argument = read<T>(*slot);
        if (argument) return argument;
        return within(title() + "argument " + std::to_string(index + 1) + named(index), std::move(argument).error());
    }

    template <class... Arguments> result<void> finish(NexusValue *out, Arguments &&...arguments)
    {
        if constexpr (std::is_void_v<R>) {
            (void)out;
            function_(std::forward<Arguments>(arguments)...);
            return {};
        } else if constexpr (is_result<plain_type<R>>::value) {
            auto outcome = function_(std::forward<Arguments>(arguments)...);
            if (!outcome) return std::move(outcome).error();
            if constexpr (std::is_void_v<typename plain_type<R>::value_type>) {
                return {};
            } else {
                return hand_out(*std::move(outcome), out);
            }
        } else {
            return hand_out(function_(std::forward<Arguments>(arguments)...), out);
        }
    }

    [[nodiscard]] std::string title() const { return about_.name() + "(): "; }
    [[nodiscard]] std::string named(std::size_t index) const
    {
        return index < about_.parameters().size() ? " ('" + about_.parameters()[index] + "')" : std::string();
    }

    /// Finds the value of each parameter, as Python does for its own functions.
    result<void> sort(const NexusArguments &given, const NexusValue **slots) const
    {
        constexpr std::size_t count = sizeof...(P);
        if (given.count > count) {
            return Error(NEXUS_ERR_TYPE, about_.name() + "() takes " + std::to_string(count) + " positional arguments but " +
                                             std::to_string(given.count) + " were given");
        }
        for (std::size_t index = 0; index < given.count; index++) slots[index] = &given.values[index];
        for (std::size_t keyword = 0; keyword < given.keyword_count; keyword++) {
            const std::string_view name = given.keywords[keyword];
            std::size_t index = 0;
            while (index < count && (index >= about_.parameters().size() || about_.parameters()[index] != name)) index++;
            const std::string quoted = " argument '" + std::string(name) + "'";
            if (index == count) return Error(NEXUS_ERR_TYPE, about_.name() + "() got an unexpected keyword" + quoted);
            if (slots[index]) return Error(NEXUS_ERR_TYPE, about_.name() + "() got multiple values for" + quoted);
            slots[index] = &given.values[given.count + keyword];
        }
        const bool optional[count + 1] = {may_be_missing<plain_type<P>>::value...};
        for (std::size_t index = 0; index < count; index++) {
            if (!slots[index] && !optional[index])
                return Error(NEXUS_ERR_TYPE, about_.name() + "() is missing argument " + std::to_string(index + 1) + named(index));
        }
        return {};
    }
};

} // namespace detail

/// A Python callable of a function or lambda, whose parameters and result are converted as those of calls
/// are. Parameters may be views, valid while it runs; a std::optional that is not given is empty. It may
/// return a result, and then its error is raised in Python; so is every exception that leaves it:
///
///     nexus::Error of a Python exception   that exception
///     std::invalid_argument, domain_error, length_error, range_error   ValueError
///     std::out_of_range   IndexError         std::overflow_error   OverflowError
///     std::bad_alloc      MemoryError        std::system_error     OSError
///     everything else     RuntimeError; see nexus::raise for others
///
/// It is called on any thread, also on several at a time, and destroyed when Python needs it no more.
template <class F> [[nodiscard]] result<Object> try_function(def about, F &&function)
{
    using Function = std::decay_t<F>;
    using Callback = detail::Callback<Function, typename detail::signature_of<Function>::type>;
    const std::string name = about.name(), documentation = about.doc();
    const std::uint32_t flags = about.flags();
    auto callback = std::make_unique<Callback>(std::forward<F>(function), std::move(about));
    NexusObject *callable = nullptr;
    // It destroys what it was given also when it fails.
    NexusError *error = nullptr;
    const Status status = nexus_function_new(name.c_str(), documentation.empty() ? nullptr : documentation.c_str(), flags,
                                             Callback::call, callback.release(), Callback::destroy, &callable, &error);
    if (status != NEXUS_OK) return Error(status, error);
    return Object(callable);
}

#ifndef NEXUS_NO_EXCEPTIONS
template <class F> [[nodiscard]] Object function(def about, F &&function)
{
    return try_function(std::move(about), std::forward<F>(function)).value();
}
#endif

NEXUS_NAMESPACE_END

#endif
