// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/merge_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace eigenquant {

namespace {

/// The definition, word for word: find the lowest rank, leftmost, merge, again.
std::vector<std::int32_t> mergeByDefinition(std::vector<std::int32_t> symbols, const MergeTable& merges)
{
    for (;;) {
        Merge best;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
            const Merge merge = merges.find(symbols[i], symbols[i + 1]);
            if (merge.rank < best.rank) {
                best = merge;
                at = i;
            }
        }
        if (best.rank == Merge::kNever)
            return symbols;
        symbols[at] = best.id;
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

/// Random merges over few symbols, so that late merges often have a lower rank than those before them; two share
/// each rank.
MergeTable randomMerges(std::mt19937& random, int count)
{
    MergeTable merges(static_cast<std::size_t>(count));
    std::vector<std::uint32_t> ranks(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < ranks.size(); ++i)
        ranks[i] = static_cast<std::uint32_t>(i / 2);
    std::shuffle(ranks.begin(), ranks.end(), random);
    for (int i = 0; i < count; ++i) {
        const auto known = [&] { return static_cast<std::int32_t>(random() % static_cast<unsigned>(3 + i)); };
        const std::int32_t left = known(), right = known();
        if (merges.find(left, right).rank == Merge::kNever)
            merges.set(left, right, {ranks[static_cast<std::size_t>(i)], 3 + i});
    }
    return merges;
}

TEST(MergeTable, shortAndLongWordsFollowTheDefinition)
{
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const MergeTable merges = randomMerges(random, 30);
        for (const std::size_t length : {0u, 1u, 2u, 5u, 47u, 48u, 49u, 50u, 200u}) {
            std::vector<std::int32_t> symbols(length);
            for (auto& symbol : symbols)
                symbol = static_cast<std::int32_t>(random() % 3);
            const auto expected = mergeByDefinition(symbols, merges);
            mergeSymbols(symbols, merges);
            ASSERT_EQ(symbols, expected) << "round " << round << ", length " << length;
        }
    }
}

TEST(MergeTable, aMillionEqualLettersAreMergedByPairs)
{
    MergeTable merges(3);
    for (std::int32_t i = 0; i < 3; ++i)
        merges.set(i, i, {static_cast<std::uint32_t>(i), i + 1});
    std::vector<std::int32_t> symbols(1'000'007, 0);
    mergeSymbols(symbols, merges);
    std::vector<std::int32_t> expected(125'000, 3);
    expected.insert(expected.end(), {2, 1, 0});
    EXPECT_EQ(symbols, expected);
}

TEST(MergeTable, aPairGivenAgainIsReplaced)
{
    MergeTable merges(2);
    merges.set(1, 2, {0, 3});
    merges.set(1, 2, {1, 4});
    EXPECT_EQ(merges.find(1, 2).id, 4);
    EXPECT_EQ(merges.find(2, 1).rank, Merge::kNever);
}

} // namespace

} // namespace eigenquant
