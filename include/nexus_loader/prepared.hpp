// Calls that are made ready once and made many times.
#ifndef NEXUS_LOADER_PREPARED_HPP
#define NEXUS_LOADER_PREPARED_HPP

#include "access.hpp"

NEXUS_NAMESPACE_BEGIN

/// A prepared call: `auto add = module.prepare<int(int, int)>("add"); add(1, 2);`. Any number of threads may
/// call it at a time.
template <class R, class... Parameters> class PreparedCall<R(Parameters...)> {
public:
    /// Takes over a call of the C interface.
    explicit PreparedCall(NexusCall *call) noexcept : call_(call) {}

    result<R> try_invoke(const detail::plain_type<Parameters> &...arguments) const
    {
        [[maybe_unused]] const detail::Attached<attaches> attached;
        NexusValue value;
        NexusError *error = nullptr;
        const Status status = call(&value, &error, arguments...);
        if (status != NEXUS_OK) return Error(status, error);
        return detail::returned<R>(value);
    }

    /// One call for each std::tuple of arguments in a range, all in one crossing. Stops at the first that
    /// fails. With one parameter the items are the arguments themselves.
    template <class Range>
    auto try_invoke_each(const Range &range) const
        -> result<std::conditional_t<std::is_void_v<R>, std::size_t, std::vector<std::conditional_t<std::is_void_v<R>, int, R>>>>
    {
        constexpr std::size_t each = sizeof...(Parameters);
        const std::size_t count = detail::length_of(range);
        [[maybe_unused]] const detail::Attached<attaches> attached;
        std::vector<NexusValue> values(each * count);
        detail::Keep keep;
        NexusValue *next = values.data();
        for (const auto &arguments : range) {
            result<void> written = write(arguments, next, keep, std::index_sequence_for<Parameters...>());
            if (!written) {
                const auto index = static_cast<std::size_t>(next - values.data()) / (each > 0 ? each : 1);
                return detail::within("call " + std::to_string(index), std::move(written).error());
            }
            next += each;
        }
        std::size_t done = 0;
        if constexpr (std::is_void_v<R>) {
            result<void> outcome = detail::check(nexus_call_invoke_many, call_.get(), static_cast<const NexusValue *>(values.data()),
                                                 each, count, static_cast<NexusValue *>(nullptr), &done);
            if (!outcome) return std::move(outcome).error();
            return done;
        } else {
            detail::Values results;
            NexusValue *room = results.reserve(count);
            result<void> outcome = detail::check(nexus_call_invoke_many, call_.get(), static_cast<const NexusValue *>(values.data()),
                                                 each, count, room, &done);
            results.filled(done);
            if (!outcome) return std::move(outcome).error();
            std::vector<R> all;
            all.reserve(count);
            for (std::size_t index = 0; index < count; index++) {
                result<R> item = detail::item_of<R>(results[index], "result", index);
                if (!item) return std::move(item).error();
                all.push_back(*std::move(item));
            }
            return all;
        }
    }

#ifndef NEXUS_NO_EXCEPTIONS
    R operator()(const detail::plain_type<Parameters> &...arguments) const
    {
        return detail::invoke_with<R, attaches>(
            [&](NexusValue *value, NexusError **error) { return call(value, error, arguments...); });
    }
    template <class Range> auto invoke_each(const Range &range) const { return try_invoke_each(range).value(); }
#endif

    [[nodiscard]] const NexusCall *get() const noexcept { return call_.get(); }

private:
    using Packed = detail::Pack<detail::plain_type<Parameters>...>;
    static constexpr bool attaches = Packed::attaches || detail::reads_several<R>::value;
    detail::Handle<NexusCall, nexus_call_free> call_;

    Status call(NexusValue *value, NexusError **error, const detail::plain_type<Parameters> &...arguments) const
    {
        Packed pack;
        const Status status = pack.fill(error, arguments...);
        return status == NEXUS_OK ? nexus_call_invoke(call_.get(), pack.values(), sizeof...(Parameters), value, error) : status;
    }

    template <class Tuple, std::size_t... Index>
    static result<void> write(const Tuple &arguments, [[maybe_unused]] NexusValue *values, detail::Keep &keep, std::index_sequence<Index...>)
    {
        result<void> written;
        if constexpr (sizeof...(Index) == 1 && !std::is_same_v<Tuple, std::tuple<detail::plain_type<Parameters>...>>) {
            (void)((written = put<Parameters>(arguments, values[Index], keep), written.has_value()) && ...);
        } else {
            (void)((written = put<Parameters>(std::get<Index>(arguments), values[Index], keep), written.has_value()) && ...);
        }
        return written;
    }

    /// As what it is: a temporary Parameter would take its text with it.
    template <class Parameter, class T> static result<void> put(const T &argument, NexusValue &value, detail::Keep &keep)
    {
        static_assert(std::is_convertible_v<const T &, detail::plain_type<Parameter>>, "an argument has another type than the parameter");
        return detail::write(argument, value, keep);
    }
};

template <class Signature>
result<PreparedCall<Signature>> Object::try_prepare(std::initializer_list<const char *> keywords) const
{
    NexusCall *call = nullptr;
    return detail::on(value_, nexus_call_prepare, static_cast<const char *const *>(keywords.begin()), keywords.size(), &call)
        .and_then([&]() -> result<PreparedCall<Signature>> { return PreparedCall<Signature>(call); });
}

template <class Signature>
result<PreparedCall<Signature>> Object::try_prepare(const detail::name &method, std::initializer_list<const char *> keywords) const
{
    return try_get_attr<Object>(method).and_then([&](Object &&callable) { return callable.try_prepare<Signature>(keywords); });
}

NEXUS_NAMESPACE_END

#endif
