// SPDX-License-Identifier: GPL-3.0-or-later
// The processes of a job are threads here: each has a connection of its own to the store.
#include "core/base/error.h"
#include "core/device/device.h"
#include "core/distributed/process_group.h"
#include "tests/support/free_port.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace eigenquant::test {
namespace {

using testing::HasSubstr;

std::vector<ProcessPlace> places(int size)
{
    std::vector<ProcessPlace> all(static_cast<std::size_t>(size));
    const int port = freePort();
    for (int rank = 0; rank < size; ++rank) {
        ProcessPlace& place = all[static_cast<std::size_t>(rank)];
        place.rank = rank;
        place.size = size;
        place.address = "127.0.0.1";
        place.port = port;
    }
    return all;
}

/// Runs `work` for each place at the same time; gives what each threw, or nothing.
std::vector<std::string> together(const std::vector<ProcessPlace>& all, const std::function<void(ProcessGroup&)>& work)
{
    std::vector<std::string> failures(all.size());
    std::vector<std::thread> threads;
    for (const ProcessPlace& place : all)
        threads.emplace_back([&work, &failures, place] {
            try {
                ProcessGroup group(place, {});
                group.tellingFailures([&] { work(group); });
            } catch (const std::exception& error) {
                failures[static_cast<std::size_t>(place.rank)] = error.what();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    return failures;
}

TEST(ProcessGroup, AloneNothingIsDone)
{
    ProcessGroup group(ProcessPlace{}, {});
    std::vector<double> values{1, 2};
    group.sum(values, {});
    EXPECT_EQ(values, (std::vector<double>{1, 2}));
}

TEST(ProcessGroup, SumsAreInTheOrderOfRanksAndTheSameEverywhere)
{
    // More than one round of pieces, and a last piece that is shorter; in another order these sums differ.
    constexpr std::size_t kCount = 2'000'003;
    const auto valueOf = [](int rank, std::size_t i) {
        return (rank == 1 ? -1e16 : 1e16 / (rank + 1)) + 0.1 * static_cast<double>(i % 97);
    };
    std::vector<double> expected(kCount, 0.0);
    for (int rank = 0; rank < 3; ++rank)
        for (std::size_t i = 0; i < kCount; ++i)
            expected[i] += valueOf(rank, i);
    std::vector<int> same(3, 0);
    const auto failures = together(places(3), [&](ProcessGroup& group) {
        const int rank = group.place().rank;
        std::vector<double> values(kCount);
        for (std::size_t i = 0; i < kCount; ++i)
            values[i] = valueOf(rank, i);
        group.sum(values, {});
        std::vector<double> few{static_cast<double>(rank)}, none;
        group.sum(none, {});
        group.sum(few, {});
        same[static_cast<std::size_t>(rank)] = values == expected && few.front() == 3;
    });
    EXPECT_EQ(failures, std::vector<std::string>(3));
    EXPECT_EQ(same, std::vector<int>(3, 1));
}

TEST(ProcessGroup, BytesReachTheFirst)
{
    // More pieces than a sender may be ahead, and a last one that is shorter.
    constexpr std::size_t kCount = (20 << 22) + 5;
    std::vector<std::byte> sent(kCount);
    for (std::size_t i = 0; i < kCount; ++i)
        sent[i] = static_cast<std::byte>(i * 2654435761u >> 11);
    std::vector<int> right(3, 0);
    const auto failures = together(places(3), [&](ProcessGroup& group) {
        const int rank = group.place().rank;
        const auto mine = std::span(std::as_const(sent)).first(rank == 2 ? sent.size() : 0);
        const auto bytes = group.toFirst(2, mine, {});
        const auto none = group.toFirst(1, {}, {});
        const std::vector<std::byte> own{std::byte{7}};
        const auto first = group.toFirst(0, own, {});
        group.meet({});
        right[static_cast<std::size_t>(rank)] =
            rank == 0 ? bytes == sent && none.empty() && first == own : bytes.empty() && none.empty() && first.empty();
    });
    EXPECT_EQ(failures, std::vector<std::string>(3));
    EXPECT_EQ(right, std::vector<int>(3, 1));
}

TEST(ProcessGroup, AFailureReachesTheOthers)
{
    const auto failures = together(places(2), [](ProcessGroup& group) {
        if (group.place().rank == 1)
            throw std::runtime_error("its disk is full");
        std::vector<double> values{1};
        group.sum(values, {});
    });
    EXPECT_EQ(failures[1], "its disk is full");
    EXPECT_THAT(failures[0], HasSubstr("process 1: its disk is full"));
}

TEST(ProcessGroup, WhoDoesNotAnswerIsNamed)
{
    setenv("EIGENQUANT_PROCESS_TIMEOUT", "1", 1);
    const std::vector<ProcessPlace> all = places(2);
    const auto failures = together({all[0]}, [](ProcessGroup&) {});
    unsetenv("EIGENQUANT_PROCESS_TIMEOUT");
    EXPECT_THAT(failures[0], HasSubstr("process 1"));
    EXPECT_THAT(failures[0], HasSubstr("does not answer"));
}

TEST(ProcessGroup, AStopEndsTheWaiting)
{
    std::stop_source source;
    source.request_stop();
    const ProcessPlace place = places(2).front();
    EXPECT_THROW(ProcessGroup(place, RunContext{source.get_token(), {}}), Error);
}

TEST(Shares, CoresAreSharedByTheProcessesOfAMachine)
{
    const std::vector<std::pair<const char*, const char*>> variables{
        {"WORLD_SIZE", "4"}, {"LOCAL_WORLD_SIZE", "2"},    {"RANK", "3"},
        {"LOCAL_RANK", "1"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29500"}};
    const int before = at::get_num_threads();
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    for (const auto& [name, value] : variables)
        setenv(name, value, 1);
    resolveComputeTarget("cpu", "f32", 0);
    EXPECT_EQ(at::get_num_threads(), std::max(1, cores / 2));
    resolveComputeTarget("cpu", "f32", 3);
    EXPECT_EQ(at::get_num_threads(), 3);
    for (const auto& [name, value] : variables)
        unsetenv(name);
    resolveComputeTarget("cpu", "f32", before);
}

TEST(Shares, CoverAllAndDifferByOneAtMost)
{
    for (const int size : {1, 2, 3, 7})
        for (const int count : {0, 1, 5, 14, 100}) {
            int reached = 0;
            for (int rank = 0; rank < size; ++rank) {
                ProcessPlace place;
                place.rank = rank;
                place.size = size;
                const Share share = shareOf(place, count);
                EXPECT_EQ(share.begin, reached);
                EXPECT_GE(share.end - share.begin, count / size);
                EXPECT_LE(share.end - share.begin, (count + size - 1) / size);
                reached = share.end;
            }
            EXPECT_EQ(reached, count);
        }
}

} // namespace
} // namespace eigenquant::test
