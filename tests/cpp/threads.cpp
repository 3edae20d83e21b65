// Several threads at once.
#include "host.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace {

/// The function on so many threads; what one throws is thrown.
template <class F> void on_threads(std::size_t count, F function)
{
    std::vector<std::thread> threads;
    std::vector<std::exception_ptr> thrown(count);
    for (std::size_t i = 0; i < count; i++) {
        threads.emplace_back([&, i] {
            try {
                function(i);
            } catch (...) {
                thrown[i] = std::current_exception();
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    for (const std::exception_ptr &exception : thrown) {
        if (exception) std::rethrow_exception(exception);
    }
}

} // namespace

TEST(Threads, ShareModulesAndPreparedCalls)
{
    const nexus::Module module = values();
    const auto add = module.prepare<int(int, int)>("add");
    std::atomic<int> right{0};
    on_threads(8, [&](std::size_t thread) {
        const int base = static_cast<int>(thread);
        for (int i = 0; i < 50; i++) {
            right += module.call<int>("add", i, base) == i + base;
            right += add(i, base) == i + base;
            right += module.call<std::vector<std::string>>("echo", std::vector<std::string>{"a", "b"}).size() == 2;
        }
    });
    EXPECT_EQ(right, 8 * 50 * 3);
}

TEST(Threads, RunPythonAtTheSameTime)
{
    const nexus::Module module = values();
    on_threads(4, [&](std::size_t) { EXPECT_EQ(module.call<int>("meet", 4), 4); });
}

TEST(Threads, CallAFunctionOfTheProgram)
{
    std::atomic<int> sum{0};
    const nexus::Object f = nexus::function("f", [&](const std::vector<int> &numbers) {
        for (const int number : numbers) sum += number;
        if (numbers.empty()) throw std::invalid_argument("nothing");
        return sum.load();
    });
    on_threads(8, [&](std::size_t) {
        for (int i = 0; i < 20; i++) {
            f(std::vector<int>{1, 2, 3});
            EXPECT_STATUS(f(std::vector<int>()), NEXUS_ERR_EXCEPTION);
        }
    });
    EXPECT_EQ(sum, 8 * 20 * 6);
}

TEST(Threads, ErrorsCross)
{
    std::exception_ptr kept;
    std::thread([&] {
        try {
            values().call("raise_chained");
        } catch (...) {
            kept = std::current_exception();
        }
    }).join();
    try {
        std::rethrow_exception(kept);
    } catch (const nexus::Error &error) {
        EXPECT_EQ(error.message(), "the outer one");
        EXPECT_TRUE(error.cause());
    }
}

TEST(Threads, LazyModulesAndTheirFilters)
{
    const nexus::Loader loader(fixture("documented"), nexus::Options().lazy().filter([](std::string_view name, std::string_view) {
        if (name == "database") throw std::logic_error("not that one");
        return true;
    }));
    on_threads(6, [&](std::size_t thread) {
        if (thread % 2 == 0) {
            EXPECT_EQ(loader["crypto"].call<std::string>("encrypt", "Hello"), "2a24600860");
        } else if (thread == 1) {
            EXPECT_THROW(static_cast<void>(loader["database"]), std::logic_error);
        }
    });
}

TEST(Threads, AreInterrupted)
{
    std::atomic<std::uint64_t> id{0};
    std::atomic<bool> ended{false};
    const nexus::Object forever = run("def forever():\n    while True: pass\n")["forever"];
    const nexus::Object started = nexus::function("started", [&] { id = nexus::thread_id(); });
    std::thread thread([&] {
        try {
            started();
            forever();
        } catch (const nexus::Error &error) {
            ended = error.is("builtins.KeyboardInterrupt");
        }
    });
    while (id == 0) std::this_thread::yield();
    // It may not be in the call yet.
    for (nexus::result<void> interrupted = nexus::try_interrupt(id); !interrupted; interrupted = nexus::try_interrupt(id)) {
        ASSERT_EQ(interrupted.error().status(), NEXUS_ERR_NOT_FOUND);
        std::this_thread::yield();
    }
    thread.join();
    EXPECT_TRUE(ended);
}
