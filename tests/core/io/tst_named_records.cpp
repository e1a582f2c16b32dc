// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/named_records.h"

#include <gtest/gtest.h>

#include <utility>

namespace eigenquant {
namespace {

using Bytes = std::vector<std::byte>;

std::vector<std::pair<std::string, Bytes>> read(std::span<const std::byte> records)
{
    std::vector<std::pair<std::string, Bytes>> all;
    NamedRecords::forEach(records, [&](const std::string& name, std::span<const std::byte> bytes) {
        all.emplace_back(name, Bytes(bytes.begin(), bytes.end()));
    });
    return all;
}

TEST(NamedRecords, ComeBackInTheirOrder)
{
    const Bytes one{std::byte{1}, std::byte{0}, std::byte{255}}, two(70000, std::byte{3});
    NamedRecords records;
    records.add("0.q", one);
    records.add("", {});
    records.add("0.q", two);
    const Bytes bytes = records.take();
    const std::vector<std::pair<std::string, Bytes>> expected{{"0.q", one}, {"", {}}, {"0.q", two}};
    EXPECT_EQ(read(bytes), expected);
    EXPECT_TRUE(records.take().empty());
}

TEST(NamedRecords, CutOffOnesAreRefused)
{
    NamedRecords records;
    records.add("name", Bytes(20));
    const Bytes bytes = records.take();
    for (std::size_t length = 1; length < bytes.size(); ++length)
        EXPECT_THROW(read(std::span(bytes).first(length)), Error) << length;
    Bytes huge = bytes;
    huge[7] = std::byte{255}; // a name of 2^63 bytes
    EXPECT_THROW(read(huge), Error);
}

} // namespace
} // namespace eigenquant
