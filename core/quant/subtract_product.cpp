// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/subtract_product.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define EIGENQUANT_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EIGENQUANT_WIDE
#endif
#define EIGENQUANT_INLINE inline __attribute__((always_inline))

namespace eigenquant {
namespace {

// A tile of the result, 8 rows by two vectors, stays in the registers of AVX-512 while a stretch of both factors
// passes by. Both are copied together first: rows that lie a power of two apart would push each other out of the
// cache.
constexpr std::int64_t kTileRows = 8;
constexpr std::int64_t kBlockRows = 64;
constexpr std::int64_t kStretch = 256;
constexpr int kVectorBytes = 64;

template <class Value>
constexpr std::int64_t kTileColumns = 2 * kVectorBytes / sizeof(Value);

template <class Value>
using Vector [[gnu::vector_size(kVectorBytes), gnu::aligned(alignof(Value)), gnu::may_alias]] = Value;

/// The factors' stretches of one block, tile after tile.
template <class Value>
struct Packed {
    alignas(kVectorBytes) Value left[kBlockRows * kStretch];
    alignas(kVectorBytes) Value right[kTileColumns<Value> * kStretch];
};

template <class Value>
EIGENQUANT_INLINE void packLeft(Rows<const Value> left, std::int64_t rows, std::int64_t depth, Value* packed)
{
    for (std::int64_t first = 0; first < rows; first += kTileRows)
        for (std::int64_t i = 0; i < depth; ++i, packed += kTileRows) {
            const std::int64_t count = std::min(kTileRows, rows - first);
            const Value* values = left.row(i) + first;
            for (std::int64_t row = 0; row < kTileRows; ++row)
                packed[row] = row < count ? values[row] : 0;
        }
}

template <class Value>
EIGENQUANT_INLINE void packRight(Rows<const Value> right, std::int64_t depth, Value* packed)
{
    for (std::int64_t i = 0; i < depth; ++i)
        std::memcpy(packed + i * kTileColumns<Value>, right.row(i), kTileColumns<Value> * sizeof(Value));
}

template <class Value>
EIGENQUANT_INLINE void subtractTile(Rows<Value> result, const Value* left, const Value* right, std::int64_t rows,
                                    std::int64_t depth)
{
    constexpr int kWidth = kVectorBytes / sizeof(Value);
    Vector<Value> first[kTileRows] = {}, second[kTileRows] = {};
    for (std::int64_t i = 0; i < depth; ++i, left += kTileRows, right += 2 * kWidth) {
        const Vector<Value> low = *reinterpret_cast<const Vector<Value>*>(right);
        const Vector<Value> high = *reinterpret_cast<const Vector<Value>*>(right + kWidth);
#pragma GCC unroll 8
        for (int row = 0; row < kTileRows; ++row) {
            first[row] += left[row] * low;
            second[row] += left[row] * high;
        }
    }
#pragma GCC unroll 8
    for (int row = 0; row < kTileRows; ++row) {
        if (row >= rows)
            continue;
        Value* values = result.row(row);
        *reinterpret_cast<Vector<Value>*>(values) -= first[row];
        *reinterpret_cast<Vector<Value>*>(values + kWidth) -= second[row];
    }
}

template <class Value>
EIGENQUANT_INLINE void subtractAll(Rows<Value> result, Rows<const Value> left, Rows<const Value> right,
                                   std::int64_t rows, std::int64_t columns, std::int64_t depth)
{
    Packed<Value> packed;
    for (std::int64_t begin = 0; begin < depth; begin += kStretch) {
        const std::int64_t stretch = std::min(kStretch, depth - begin);
        for (std::int64_t block = 0; block < rows; block += kBlockRows) {
            const std::int64_t blockRows = std::min(kBlockRows, rows - block);
            packLeft<Value>({left.row(begin) + block, left.stride}, blockRows, stretch, packed.left);
            for (std::int64_t column = 0; column < columns; column += kTileColumns<Value>) {
                packRight<Value>({right.row(begin) + column, right.stride}, stretch, packed.right);
                for (std::int64_t row = 0; row < blockRows; row += kTileRows)
                    subtractTile<Value>({result.row(block + row) + column, result.stride},
                                        packed.left + row * stretch, packed.right, blockRows - row, stretch);
            }
        }
    }
}

} // namespace

EIGENQUANT_WIDE void subtractProduct(Rows<double> result, Rows<const double> left, Rows<const double> right,
                                     std::int64_t rows, std::int64_t columns, std::int64_t depth)
{
    subtractAll<double>(result, left, right, rows, columns, depth);
}

EIGENQUANT_WIDE void subtractProduct(Rows<float> result, Rows<const float> left, Rows<const float> right,
                                     std::int64_t rows, std::int64_t columns, std::int64_t depth)
{
    subtractAll<float>(result, left, right, rows, columns, depth);
}

} // namespace eigenquant
