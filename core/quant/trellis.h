// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace eigenquant {

/// A trellis code for values that are near Gaussian with variance 1 (trellis-coded quantization, Marcellin and Fischer
/// 1990; the "bitshift" trellis of QTIP, arXiv 2406.11235). A sequence of values is a stream of bits: the value i is
/// table[window], where the window is the kTrellisStateBits bits from bit i·width of the stream on, the lowest bit
/// first. Neighbouring windows overlap, so each value has 2^12 levels to be near to, at `width` bits a value: at 3 bits
/// the squared error is half of what the best 8 levels give. Any value can be decoded by itself.
inline constexpr int kTrellisStateBits = 12;
inline constexpr int kTrellisStates = 1 << kTrellisStateBits;
inline constexpr int kMinTrellisWidth = 1;
inline constexpr int kMaxTrellisWidth = 8;

/// Bits of a sequence of `count` values, count ≥ 1: a whole window for the first, `width` for each other.
constexpr std::uint64_t trellisBits(std::uint64_t count, int width)
{
    return static_cast<std::uint64_t>(kTrellisStateBits) + (count - 1) * static_cast<std::uint64_t>(width);
}

/// The code of one width.
class TrellisCode {
public:
    /// The one for `width`, 1 to 8: made on first use, the same for ever. Error::usage outside of that.
    static const TrellisCode& ofWidth(int width);

    int width() const { return m_width; }
    /// The level of each window, FP16 values; [kTrellisStates].
    std::span<const float> levels() const { return m_levels; }
    /// The mean squared error on Gaussian values of variance 1.
    double distortion() const { return m_distortion; }

    /// Room for encode(), so that a caller with many sequences allocates once.
    struct Workspace {
        std::vector<float> costs, entering;
        std::vector<std::int32_t> best;
        std::vector<std::uint8_t> choices;
    };
    /// The windows of the sequence with the least Σ importance_i·(target_i - level_i)², found by Viterbi's algorithm;
    /// target, importance and windows have the same size.
    void encode(std::span<const float> target, std::span<const float> importance, std::span<std::uint16_t> windows,
                Workspace& workspace) const;

private:
    explicit TrellisCode(int width);
    int m_width;
    std::vector<float> m_levels;         ///< by window
    std::vector<float> m_reversedLevels; ///< by window read backwards: there the windows of one future are neighbours
    double m_distortion = 0;
};

/// Appends the windows of a sequence to a stream of bits, the lowest bit first; `bit` is where it ends.
void appendWindows(std::span<const std::uint16_t> windows, int width, std::span<std::uint8_t> stream,
                   std::uint64_t& bit);

/// The window that begins at a bit of the stream; the stream has at least kTrellisStateBits bits from there.
inline int windowAt(std::span<const std::uint8_t> stream, std::uint64_t bit)
{
    // Twelve bits lie in two bytes, or in three where they begin above the fourth bit of one.
    const std::size_t byte = bit / 8;
    std::uint32_t bits = stream[byte];
    bits |= byte + 1 < stream.size() ? static_cast<std::uint32_t>(stream[byte + 1]) << 8 : 0;
    bits |= byte + 2 < stream.size() ? static_cast<std::uint32_t>(stream[byte + 2]) << 16 : 0;
    return static_cast<int>(bits >> (bit % 8)) & (kTrellisStates - 1);
}

} // namespace eigenquant
