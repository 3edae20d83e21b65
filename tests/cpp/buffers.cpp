// Memory of Python objects in the program, and of the program in Python, without a copy.
#include "host.hpp"

#include <complex>
#include <numeric>
#include <vector>

namespace {

/// `array.array(type, [...])`
template <class T> nexus::Object array(const char *type, const std::vector<T> &items)
{
    return nexus::import_module("array").call("array", type, items);
}

} // namespace

TEST(Buffers, AreRangesOfItems)
{
    const nexus::Object numbers = array<double>("d", {1, 2, 3});
    nexus::Buffer<double> buffer = numbers.buffer<double>();
    EXPECT_EQ(buffer.size(), 3U);
    EXPECT_EQ(buffer.size_bytes(), 24U);
    EXPECT_EQ(buffer.dimension_count(), 1U);
    EXPECT_EQ(buffer.shape()[0], 3);
    EXPECT_EQ(buffer.strides()[0], 8);
    EXPECT_STREQ(buffer.format(), "d");
    EXPECT_FALSE(buffer.read_only());
    EXPECT_FALSE(buffer.empty());
    for (double &number : buffer) number *= 2;
    buffer[0] = 7;
    EXPECT_EQ(numbers.repr(), "array('d', [7.0, 4.0, 6.0])");
    EXPECT_EQ(std::accumulate(buffer.begin(), buffer.end(), 0.0), 17);
    EXPECT_EQ(buffer(1), 4);
    EXPECT_EQ(buffer.at(2), 6);
    EXPECT_STATUS(buffer.at(3), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(buffer.at(-1), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(buffer.at(0, 0), NEXUS_ERR_OVERFLOW);
    EXPECT_EQ(buffer.copy(), (std::vector<double>{7, 4, 6}));
#ifdef __cpp_lib_span
    const std::span<double> span = buffer;
    EXPECT_EQ(span.size(), 3U);
    EXPECT_EQ(span.data(), buffer.data());
    EXPECT_EQ(buffer.span()[1], 4);
#endif
}

TEST(Buffers, OfConstNeedNotBeWritable)
{
    const nexus::Object bytes = nexus::object(nexus::bytes("abc"));
    EXPECT_EQ(bytes.buffer<const unsigned char>()[1], 'b');
    EXPECT_EQ(bytes.buffer<const char>()[1], 'b');
    EXPECT_TRUE(bytes.buffer<const std::byte>().read_only());
    EXPECT_STATUS(bytes.buffer<unsigned char>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(bytes.buffer<const signed char>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(nexus::list(1).buffer<const int>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(nexus::object("text").buffer<const char>(), NEXUS_ERR_TYPE);
    EXPECT_EQ(nexus::object(nexus::bytes()).buffer<const char>().size(), 0U);
}

TEST(Buffers, KnowTheTypeOfTheirItems)
{
    const nexus::Object ints = array<int>("i", {1, -2});
    EXPECT_EQ(ints.buffer<int>()[1], -2);
    EXPECT_STATUS(ints.buffer<unsigned>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(ints.buffer<float>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(ints.buffer<short>(), NEXUS_ERR_TYPE);
    EXPECT_WHAT(ints.buffer<double>(), "the items of the buffer are 'i' of 4 bytes, not 'd' of 8");
    EXPECT_EQ(array<int>("l", {1, -2}).buffer<std::int64_t>()[1], -2);
    EXPECT_EQ(array<int>("q", {1, -2}).buffer<long>()[1], -2);
    EXPECT_EQ(array<int>("q", {1, -2}).buffer<long long>()[1], -2);
    EXPECT_EQ(array<int>("B", {200}).buffer<std::uint8_t>()[0], 200);
    EXPECT_EQ(array<float>("f", {0.5F}).buffer<float>()[0], 0.5F);
    // Whatever the items are, their bytes.
    const nexus::Buffer<std::byte> bytes = ints.buffer<std::byte>();
    EXPECT_EQ(bytes.size(), 8U);
    EXPECT_EQ(bytes.shape()[0], 8);
    EXPECT_EQ(bytes.strides()[0], 1);
    EXPECT_EQ(bytes[4], std::byte{0xfe});
}

TEST(Buffers, OfSeveralDimensions)
{
    const nexus::Object view = eval("memoryview(bytearray(range(24))).cast('B', [2, 3, 4])");
    const nexus::Buffer<std::uint8_t> buffer = view.buffer<std::uint8_t>();
    EXPECT_EQ(buffer.dimension_count(), 3U);
    EXPECT_EQ(std::vector<std::ptrdiff_t>(buffer.shape().begin(), buffer.shape().end()), (std::vector<std::ptrdiff_t>{2, 3, 4}));
    EXPECT_EQ(std::vector<std::ptrdiff_t>(buffer.strides().begin(), buffer.strides().end()), (std::vector<std::ptrdiff_t>{12, 4, 1}));
    EXPECT_EQ(buffer(1, 2, 3), 23);
    buffer(1, 2, 3) = 99;
    EXPECT_EQ(view.call("tobytes")[23].as<int>(), 99);
    EXPECT_EQ(buffer.at(1, 0, 0), 12);
    EXPECT_STATUS(buffer.at(2, 0, 0), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(buffer.at(0, 0), NEXUS_ERR_OVERFLOW);
}

TEST(Buffers, ThatAreStrided)
{
    const nexus::Object every_other = eval("memoryview(bytearray(range(10)))[::-2]");
    EXPECT_STATUS(every_other.buffer<std::uint8_t>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(every_other.strided_buffer<std::byte>(), NEXUS_ERR_TYPE);
    const nexus::StridedBuffer<std::uint8_t> buffer = every_other.strided_buffer<std::uint8_t>();
    EXPECT_FALSE(buffer.is_contiguous());
    EXPECT_EQ(buffer.size(), 5U);
    EXPECT_EQ(buffer.strides()[0], -2);
    EXPECT_EQ(buffer(0), 9);
    EXPECT_EQ(buffer(4), 1);
    EXPECT_EQ(buffer.copy(), (std::vector<std::uint8_t>{9, 7, 5, 3, 1}));
    buffer(0) = 100;
    EXPECT_EQ(every_other[0].as<int>(), 100);
}

TEST(Buffers, AreArgumentsAndResults)
{
    const nexus::Object total = nexus::function("total", [](nexus::Buffer<const double> numbers) {
        return std::accumulate(numbers.begin(), numbers.end(), 0.0);
    });
    EXPECT_EQ(total(array<double>("d", {1, 2, 3.5})).as<double>(), 6.5);
    EXPECT_STATUS(total(nexus::list(1.5)), NEXUS_ERR_EXCEPTION);
    const auto buffer = nexus::import_module("array").call<nexus::Buffer<int>>("array", "i", std::vector<int>{1, 2});
    EXPECT_EQ(buffer[1], 2) << "the object lives as long as the buffer";
    const auto maybe = nexus::import_module("array").call<std::optional<nexus::Buffer<int>>>("array", "i", std::vector<int>{1, 2});
    EXPECT_EQ((*maybe)[0], 1);
}

TEST(Buffers, HoldTheMemoryAsLongAsTheyLive)
{
    const nexus::Object bytes = eval("bytearray(b'abc')");
    {
        const nexus::Buffer<char> buffer = bytes.buffer<char>();
        EXPECT_STATUS(bytes.call("append", 1), NEXUS_ERR_EXCEPTION);
        nexus::Buffer<char> moved = bytes.buffer<char>();
        nexus::Buffer<char> again = std::move(moved);
        again = bytes.buffer<char>();
        EXPECT_EQ(again[0], 'a');
    }
    bytes.call("append", 1);
    EXPECT_EQ(bytes.size(), 4U);
}

TEST(Buffers, AreEmptyWhenTheyWereMovedFrom)
{
    nexus::Buffer<const char> first = nexus::object(nexus::bytes("abc")).buffer<const char>();
    const nexus::Buffer<const char> second = std::move(first);
    EXPECT_EQ(second.size(), 3U);
    EXPECT_TRUE(first.empty());
    EXPECT_EQ(first.data(), nullptr);
    EXPECT_EQ(first.begin(), first.end());
    EXPECT_STREQ(first.format(), "");
    EXPECT_EQ(first.shape().size(), 0U);
    EXPECT_STATUS(first.at(), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(first.copy(), NEXUS_ERR_BAD_HANDLE);
}

TEST(Memory, IsLentWithoutACopy)
{
    std::vector<double> numbers{1, 2, 3};
    {
        const nexus::Memory memory(numbers);
        const nexus::Module builtins = nexus::import_module("builtins");
        EXPECT_EQ(builtins.call<double>("sum", memory), 6);
        EXPECT_EQ(builtins.call<int>("len", memory), 3);
        const nexus::Object view = memory.view();
        EXPECT_EQ(view.type_name(), "builtins.memoryview");
        view[1] = 7.5;
        EXPECT_EQ(numbers[1], 7.5);
        numbers[0] = 9;
        EXPECT_EQ(view[0].as<double>(), 9);
        EXPECT_EQ(view.attr("format").as<std::string>(), "d");
        EXPECT_STATUS(memory.revoke(), NEXUS_ERR_BUSY);
        EXPECT_TRUE(memory.object().is(memory.object()));
    }
    const nexus::Memory pointer(numbers.data(), 2);
    EXPECT_EQ(pointer.view().call<std::vector<double>>("tolist"), (std::vector<double>{9, 7.5}));
}

TEST(Memory, IsTakenBack)
{
    std::vector<int> numbers{1, 2, 3};
    nexus::Object object;
    {
        const nexus::Memory memory(numbers);
        object = memory.object();
        EXPECT_EQ(nexus::import_module("builtins").call("memoryview", object).size(), 3U);
    }
    EXPECT_STATUS(nexus::import_module("builtins").call("memoryview", object), NEXUS_ERR_EXCEPTION);
    nexus::Memory memory(numbers);
    memory.revoke();
    EXPECT_STATUS(memory.view(), NEXUS_ERR_EXCEPTION);
    memory = nexus::Memory(numbers);
    EXPECT_EQ(memory.view().size(), 3U);
    const nexus::Memory moved = std::move(memory);
    EXPECT_EQ(moved.view().size(), 3U);
}

TEST(Memory, ThatIsConstIsReadOnly)
{
    const std::vector<int> numbers{1, 2};
    const nexus::Memory memory(numbers);
    const nexus::Object view = memory.view();
    EXPECT_TRUE(view.attr("readonly").as<bool>());
    EXPECT_STATUS(view.set_item(0, 5), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(view.buffer<int>(), NEXUS_ERR_TYPE);
    EXPECT_EQ(view.buffer<const int>()[1], 2);
}

TEST(Memory, ThatIsGivenLivesAsLongAsPythonNeedsIt)
{
    nexus::Object view;
    {
        std::vector<std::string> released;
        const nexus::Memory memory(std::vector<std::int16_t>{1, 2, 3});
        view = memory.view();
    }
    EXPECT_EQ(view.call<std::vector<int>>("tolist"), (std::vector<int>{1, 2, 3}));
    std::vector<float> floats{0.5F, 1.5F};
    const nexus::Memory memory(std::move(floats));
    EXPECT_EQ(memory.view().call<std::vector<double>>("tolist"), (std::vector<double>{0.5, 1.5}));
}

TEST(Memory, HasAShape)
{
    std::vector<int> numbers{1, 2, 3, 4, 5, 6};
    const nexus::Memory memory(numbers, {2, 3});
    EXPECT_EQ(memory.view().call<std::vector<std::vector<int>>>("tolist"), (std::vector<std::vector<int>>{{1, 2, 3}, {4, 5, 6}}));
    const nexus::Buffer<int> buffer = memory.view().buffer<int>();
    EXPECT_EQ(buffer(1, 0), 4);
    EXPECT_STATUS(nexus::Memory(numbers, {2, 4}), NEXUS_ERR_INVALID_ARGUMENT);
}

TEST(Memory, OfEveryType)
{
    const auto format = [](auto items) { return nexus::Memory(std::move(items)).view().attr("format").template as<std::string>(); };
    EXPECT_EQ(format(std::vector<std::int8_t>{1}), "b");
    EXPECT_EQ(format(std::vector<std::uint16_t>{1}), "H");
    EXPECT_EQ(format(std::vector<std::int32_t>{1}), "i");
    EXPECT_EQ(format(std::vector<std::uint64_t>{1}), "Q");
    EXPECT_EQ(format(std::vector<float>{1}), "f");
    EXPECT_EQ(format(std::vector<std::byte>{std::byte{1}}), "B");
    EXPECT_EQ(format(std::string("a")), "c");
    EXPECT_EQ(format(std::vector<std::complex<double>>{1}), "Zd");
    EXPECT_EQ((nexus::Memory(std::vector<std::complex<double>>{{1, 2}}).view().buffer<std::complex<double>>()[0]),
              std::complex<double>(1, 2));
}

TEST(Tensors, AreThoseOfDlpack)
{
    std::vector<float> numbers{1, 2, 3, 4};
    const nexus::Memory memory(numbers, {2, 2});
    nexus::Tensor tensor = memory.object().tensor();
    EXPECT_EQ(tensor.info().ndim, 2U);
    EXPECT_EQ(tensor.info().data, numbers.data());
    EXPECT_EQ(tensor.info().shape[1], 2);
    EXPECT_EQ(tensor.info().type_code, 2);
    EXPECT_EQ(tensor.info().type_bits, 32);
    EXPECT_EQ(tensor.info().device_type, 1);
    EXPECT_STATUS(nexus::list().tensor(), NEXUS_ERR_TYPE);
    nexus::Tensor first = memory.object().tensor();
    EXPECT_EQ(nexus::Tensor(std::move(first)).info().data, numbers.data());
    EXPECT_EQ(first.info().data, nullptr);
    // Handed over, and back as an object of its own.
    const std::uint32_t version = tensor.info().version_major;
    const nexus::Object object = nexus::tensor(std::move(tensor).take(), version);
    EXPECT_EQ(object.tensor().info().data, numbers.data());
}

namespace {

// The structs of the Arrow C data interface.
struct ArrowSchema {
    const char *format, *name, *metadata;
    std::int64_t flags, n_children;
    ArrowSchema **children, *dictionary;
    void (*release)(ArrowSchema *);
    void *private_data;
};
struct ArrowArray {
    std::int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    ArrowArray **children, *dictionary;
    void (*release)(ArrowArray *);
    void *private_data;
};
int released;

} // namespace

TEST(Arrow, ArraysThereAndBack)
{
    const std::int64_t numbers[] = {1, 2, 3};
    const void *buffers[] = {nullptr, numbers};
    {
        ArrowSchema schema = {"l", "n", nullptr, 0, 0, nullptr, nullptr, [](ArrowSchema *s) { s->release = nullptr; released++; }, nullptr};
        ArrowArray given = {3, 0, 0, 2, 0, buffers, nullptr, nullptr, [](ArrowArray *a) { a->release = nullptr; released++; }, nullptr};
        const nexus::Object object = nexus::arrow_object(&schema, &given);
        EXPECT_EQ(schema.release, nullptr);
        ArrowSchema only = {};
        nexus::arrow_schema(object, &only);
        EXPECT_STREQ(only.format, "l");
        only.release(&only);
        ArrowSchema got = {};
        ArrowArray array = {};
        nexus::arrow_array(object, &got, &array);
        EXPECT_EQ(array.length, 3);
        EXPECT_EQ(static_cast<const std::int64_t *>(array.buffers[1])[2], 3);
        got.release(&got);
        array.release(&array);
        EXPECT_STATUS(nexus::arrow_array(nexus::list(), &got, &array), NEXUS_ERR_TYPE);
        EXPECT_STATUS(nexus::arrow_stream(object, &array), NEXUS_ERR_TYPE);
    }
    EXPECT_EQ(released, 2);
}
