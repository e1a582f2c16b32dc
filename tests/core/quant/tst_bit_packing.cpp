// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layout/bit_packing.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace eigenquant::layout {
namespace {

TEST(BitPacking, EveryWidthAndLengthComesBack)
{
    for (int width = 1; width <= 8; ++width)
        for (std::size_t count = 0; count <= 67; ++count) {
            std::vector<std::uint8_t> codes(count), back(count, 0xff);
            for (std::size_t i = 0; i < count; ++i)
                codes[i] = static_cast<std::uint8_t>((i * 37 + 11) & ((1u << width) - 1));
            std::vector<std::uint8_t> packed(packedRowBytes(count, width) + 1, 0xaa);
            packRow(codes.data(), count, width, packed.data());
            EXPECT_EQ(packed.back(), 0xaa) << "wrote beyond the row, width " << width << ", count " << count;
            unpackRow(packed.data(), count, width, back.data());
            EXPECT_EQ(back, codes) << "width " << width << ", count " << count;
        }
}

TEST(BitPacking, LowestBitsComeFirst)
{
    constexpr std::array<std::uint8_t, 3> codes{0b101, 0b011, 0b110};
    std::array<std::uint8_t, 2> packed{};
    packRow(codes.data(), codes.size(), 3, packed.data());
    EXPECT_EQ(packed[0], 0b10011101);
    EXPECT_EQ(packed[1], 0b1);
}

TEST(BitPacking, RowsTakeNoMoreThanTheirBits)
{
    EXPECT_EQ(packedRowBytes(560, 3), 210u);
    EXPECT_EQ(packedRowBytes(9, 4), 5u);
    EXPECT_EQ(packedRowBytes(0, 8), 0u);
}

} // namespace
} // namespace eigenquant::layout
