// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/dequantize.h"
#include "core/io/stored_type.h"
#include "tests/core/io/io_test.h"

#include <cmath>
#include <limits>

namespace eigenquant::test {

namespace {

/// IEEE binary16 by its definition, in double.
double halfByDefinition(unsigned half)
{
    const double sign = half & 0x8000 ? -1.0 : 1.0;
    const int exponent = static_cast<int>(half >> 10 & 31);
    const double fraction = (half & 1023) / 1024.0;
    if (exponent == 31)
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
    return exponent == 0 ? sign * std::ldexp(fraction, -14) : sign * std::ldexp(1 + fraction, exponent - 15);
}

} // namespace

TEST(Dequantize, EveryHalf)
{
    std::vector<std::uint16_t> halves(65536);
    for (std::size_t i = 0; i < halves.size(); ++i)
        halves[i] = static_cast<std::uint16_t>(i);
    std::vector<float> floats(halves.size());
    dequantize(StoredType::F16, std::as_bytes(std::span(halves)), floats);
    for (std::size_t i = 0; i < halves.size(); ++i) {
        const double expected = halfByDefinition(halves[i]);
        if (std::isnan(expected))
            ASSERT_TRUE(std::isnan(floats[i])) << i;
        else
            ASSERT_EQ(floats[i], expected) << i;
        ASSERT_EQ(std::signbit(floats[i]), (i & 0x8000) != 0) << i;
    }
}

TEST(Dequantize, UnalignedBytes)
{
    const std::string shifted = "x" + bytesOf<std::uint16_t>(0x3C00) + bytesOf<std::uint16_t>(0xC000);
    std::vector<float> out(2);
    dequantize(StoredType::F16, asBytes(shifted).subspan(1), out);
    EXPECT_EQ(out, (std::vector<float>{1, -2}));
}

TEST(Dequantize, FirstNonFiniteIsFoundAnywhere)
{
    for (const std::size_t size : {1u, 31u, 4096u}) {
        for (std::size_t bad = 0; bad < size; bad += 1 + size / 7) {
            std::vector<float> values(size, -3.4e38f);
            EXPECT_FALSE(firstNonFinite(values));
            values[bad] = bad % 2 ? std::numeric_limits<float>::infinity() : std::nanf("");
            EXPECT_EQ(firstNonFinite(values), bad);
        }
    }
}

TEST(Dequantize, Q8KByItsFormula)
{
    // The gguf package does not convert this type; the sums behind the codes are not looked at.
    std::string block = bytesOf(-0.37f);
    for (int i = 0; i < 256; ++i)
        block += static_cast<char>(i - 128);
    block += std::string(32, '\xFF');
    std::vector<float> out(256);
    dequantize(StoredType::Q8_K, asBytes(block), out);
    for (int i = 0; i < 256; ++i)
        ASSERT_EQ(out[static_cast<std::size_t>(i)], -0.37f * static_cast<float>(i - 128)) << i;
}

TEST(StoredType, BytesAndNames)
{
    EXPECT_EQ(storedBytes(StoredType::Q4_0, 64), 36u);
    EXPECT_EQ(storedBytes(StoredType::Q4_1, 64), 40u);
    EXPECT_EQ(storedBytes(StoredType::Q8_0, 64), 68u);
    EXPECT_EQ(storedBytes(StoredType::BF16, 3), 6u);
    EXPECT_EQ(storedBytes(StoredType::F64, 0), 0u);
    EXPECT_EQ(name(StoredType::Q4_1), "Q4_1");
    EXPECT_EQ(name(StoredType::Bool), "BOOL");
    expectError([] { storedBytes(StoredType::Q4_0, 33); }, ErrorCode::Internal, {"Q4_0"});
}

TEST(StoredType, CountsThatOverflowAreNone)
{
    const std::int64_t large = std::int64_t{1} << 32;
    EXPECT_EQ(checkedCount(std::vector<std::int64_t>{}), 1);
    EXPECT_EQ(checkedCount(std::vector<std::int64_t>{3, 4}), 12);
    EXPECT_EQ(checkedCount(std::vector<std::int64_t>{large, 0}), 0);
    EXPECT_FALSE(checkedCount(std::vector<std::int64_t>{large, large}));
    EXPECT_FALSE(checkedCount(std::vector<std::int64_t>{0, large, large}));
    EXPECT_FALSE(checkedBytes(StoredType::F64, std::vector<std::int64_t>{INT64_MAX}));
    EXPECT_EQ(checkedBytes(StoredType::U8, std::vector<std::int64_t>{INT64_MAX}), std::uint64_t{INT64_MAX});
}

} // namespace eigenquant::test
