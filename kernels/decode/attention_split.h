// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>

/// How the work of attention is laid over a GPU: pure functions, so that a recorded graph and its tests agree.
namespace eigenquant::kernels {

inline constexpr int kTileKeys = 16;      ///< keys that a warp meets at a time
inline constexpr int kDimChunk = 64;      ///< heads are padded to chunks of this in registers
inline constexpr int kQueryTile = 8;      ///< query heads of one tensor-core tile
inline constexpr int kAttentionWarps = 4; ///< of a block
inline constexpr int kPrefillRows = 64;   ///< queries of a prefill block: 16 a warp
inline constexpr int kMostSplits = 128;   ///< partial results that the last block adds up

/// Blocks of which a decoding step wants about this many on each multiprocessor, before it stops splitting.
inline constexpr int kBlocksToFill = 4;
/// Fewer keys than one tile for each warp are not worth a block.
inline constexpr int kLeastSplitKeys = kTileKeys * kAttentionWarps;

/// How the queries of one KV head share blocks when decoding.
struct QueryTiles {
    int inTile = 1; ///< tensor-core tiles of 8 queries in a block: 1 or 2
    int tiles = 1;  ///< blocks that read the same cache; more than one beyond 16 query heads a KV head
    bool operator==(const QueryTiles&) const = default;
};

constexpr QueryTiles queryTiles(int queriesPerKvHead)
{
    const int inTile = queriesPerKvHead > kQueryTile ? 2 : 1;
    return {inTile, (queriesPerKvHead + inTile * kQueryTile - 1) / (inTile * kQueryTile)};
}

/// Blocks that share the keys of one (sequence, KV head, query tile). `items` is the number of those.
constexpr int decodeSplits(int items, int longest, int multiprocessors)
{
    const int room = kBlocksToFill * multiprocessors / std::max(items, 1);
    const int worth = (longest + kLeastSplitKeys - 1) / kLeastSplitKeys;
    return std::clamp(std::min(room, worth), 1, kMostSplits);
}

/// Keys of each split, when `keys` of the past are really there and `splits` blocks were launched for them.
constexpr int splitKeys(int keys, int splits)
{
    const int even = (keys + splits - 1) / splits;
    const int whole = (even + kTileKeys - 1) / kTileKeys * kTileKeys;
    return whole > kLeastSplitKeys ? whole : kLeastSplitKeys; // no std::max: a GPU cannot refer to a constant
}

/// The workspace: a counter for each item that is split, then partial sums. items·splits never exceeds `parts`.
struct AttentionWorkspace {
    std::size_t parts = 0;
    std::size_t counterBytes = 0;
    std::size_t bytes = 0;
};

constexpr AttentionWorkspace attentionWorkspace(int headDim, int multiprocessors)
{
    const std::size_t parts = static_cast<std::size_t>(kBlocksToFill) * static_cast<std::size_t>(multiprocessors);
    const std::size_t padded = static_cast<std::size_t>((headDim + kDimChunk - 1) / kDimChunk * kDimChunk);
    const std::size_t counterBytes = (parts * sizeof(unsigned) + 255) / 256 * 256;
    // Two numbers of the softmax and the output, for 16 queries at most.
    return {parts, counterBytes, counterBytes + parts * 2 * kQueryTile * (padded + 2) * sizeof(float)};
}

} // namespace eigenquant::kernels
