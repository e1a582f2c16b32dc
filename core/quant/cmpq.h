// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

namespace eigenquant {

/// CMPQ (arXiv 2410.13056): input channels, which are the columns of W [out, in], get bits by the L2 norm of their
/// activations and a K-means codebook each; two kinds of outliers are kept apart, exact to FP16.
struct CmpqSettings {
    double bits = 3;                    ///< mean width of the codes, 2 to 8
    double activationOutliers = 0.0005; ///< share of the weights with the largest |w_ij|·‖x_j‖
    double quantizationOutliers = 0.0045; ///< share with the largest squared error · ‖x_j‖², after a first K-means
    bool fourAndTwo = false;              ///< a mean between 2 and 3 as 4 and 2 bits rather than 3 and 2
};

/// A quantized linear [out, in].
struct CmpqLinear {
    std::vector<std::uint8_t> widths; ///< bits of each input channel; [in]
    at::Tensor codes;     ///< uint8, flat: in code order, `out` codes a column as layout::packRow lays them
    at::Tensor codebooks; ///< float16, flat: in code order, the 2^width ascending values of each column
    /// The outliers of all columns by rising channel, those of a column by rising row. Numbers are little-endian
    /// and as short as holds them: counts up to `out` in 1, 2 or 4 bytes, rows below `out` in 1, 2 or 4.
    at::Tensor outlierCounts; ///< uint8 [in, bytes of a count]
    at::Tensor outlierRows;   ///< uint8 [outliers, bytes of a row]
    at::Tensor outlierValues; ///< float16 [outliers]
};

/// How many input channels have each width, [0] to [8]: follows from count and settings alone. A fractional mean t
/// gives ceil(t) bits to a share t - floor(t) of them, floor(t) to the rest; a whole t gives t + 1 bits to a tenth
/// and t - 1 to another tenth, which at t = 2 is one bit; at t = 8 all have 8. Error::usage outside 2 to 8.
std::array<int, 9> cmpqWidthCounts(int channels, const CmpqSettings& settings);

/// The width of each input channel from the energies of its activations, E[x_j²] or any multiple: the larger, the
/// wider. Ties go to the lower channel.
std::vector<std::uint8_t> cmpqWidths(const std::vector<double>& channelEnergy, const CmpqSettings& settings);

/// Channels in code order: by rising width, then by rising channel.
std::vector<int> cmpqCodeOrder(const std::vector<std::uint8_t>& widths);

/// Widths as four bits a channel, uint8 [(in + 1) / 2], and back.
at::Tensor packCmpqWidths(const std::vector<std::uint8_t>& widths);
std::vector<std::uint8_t> unpackCmpqWidths(const at::Tensor& packed, int channels);

/// Quantizes a weight, float32 [out, in], whose input channels have these energies [in]. Error::unsupported for
/// weights that FP16 cannot hold. Bit for bit the same for any number of threads.
CmpqLinear quantizeCmpq(const at::Tensor& weight, const std::vector<double>& channelEnergy,
                        const CmpqSettings& settings);

/// The float32 weight [out, in] that is stored.
at::Tensor dequantize(const CmpqLinear& linear, std::int64_t out);

/// The shapes of a linear's tensors and the bytes that they take: they follow from shape and settings alone.
struct CmpqStorage {
    std::uint64_t codes = 0;
    std::uint64_t codebooks = 0;
    std::uint64_t widths = 0;      ///< four bits a channel
    std::uint64_t outliers = 0;    ///< counts, rows and values together
    std::int64_t outlierCount = 0; ///< of both kinds
    int countBytes = 1;            ///< of one count
    int rowBytes = 1;              ///< of one row
    std::uint64_t total() const { return codes + codebooks + widths + outliers; }
};
CmpqStorage cmpqStorage(std::int64_t out, std::int64_t in, const CmpqSettings& settings);

/// Whether a linear that was read from a file is one that these settings give: Error::invalid says what is not.
void checkCmpq(const CmpqLinear& linear, std::int64_t out, const CmpqSettings& settings);

} // namespace eigenquant
