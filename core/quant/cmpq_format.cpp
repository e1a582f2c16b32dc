// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/cmpq_format.h"

#include "core/base/error.h"
#include "kernels/layout/bit_packing.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace eigenquant {
namespace {

constexpr double kLargestShare = 0.25;
void checkSettings(const CmpqSettings& settings)
{
    if (!(settings.bits >= 2 && settings.bits <= 8))
        throw Error::usage("no such mean of bits")
            .field("bits")
            .found(std::to_string(settings.bits))
            .expected("2 to 8");
    for (const double share : {settings.activationOutliers, settings.quantizationOutliers})
        if (!(share >= 0 && share <= kLargestShare))
            throw Error::usage("no such share of outliers")
                .field("outliers")
                .found(std::to_string(share))
                .expected("0 to 0.25");
}

[[noreturn]] void refuse(const char* field, const std::string& found, const std::string& expected)
{
    throw Error::invalid("not what the settings of CMPQ give").field(field).found(found).expected(expected);
}

void checkTensor(const char* field, const at::Tensor& tensor, at::ScalarType type,
                 const std::vector<std::int64_t>& shape)
{
    auto text = [](at::ScalarType scalar, c10::IntArrayRef sizes) {
        std::string result = c10::toString(scalar);
        for (const std::int64_t size : sizes)
            result.append(" ").append(std::to_string(size));
        return result;
    };
    if (!tensor.defined())
        refuse(field, "nothing", text(type, shape));
    if (tensor.scalar_type() != type || tensor.sizes() != c10::IntArrayRef(shape) || !tensor.is_contiguous())
        refuse(field, text(tensor.scalar_type(), tensor.sizes()), text(type, shape));
    if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>())
        refuse(field, "a value that is not finite", "finite values");
}

void checkWidths(const std::vector<std::uint8_t>& widths, const CmpqSettings& settings)
{
    std::array<int, 9> counts{};
    for (const std::uint8_t width : widths) {
        if (width < 1 || width > 8)
            refuse("widths", std::to_string(width), "1 to 8 bits");
        ++counts[width];
    }
    const auto expected = cmpqWidthCounts(static_cast<int>(widths.size()), settings);
    for (std::size_t width = 1; width < counts.size(); ++width)
        if (counts[width] != expected[width])
            refuse("widths", std::to_string(counts[width]) + " channels of " + std::to_string(width) + " bits",
                   std::to_string(expected[width]));
}

/// Rows rise within a column and lie inside it, and the counts come to all outliers.
void checkOutliers(const CmpqLinear& linear, std::int64_t out, const CmpqStorage& sizes)
{
    const auto* counts = linear.outlierCounts.const_data_ptr<std::uint8_t>();
    const auto* rows = linear.outlierRows.const_data_ptr<std::uint8_t>();
    std::int64_t left = sizes.outlierCount;
    for (std::size_t channel = 0; channel < linear.widths.size(); ++channel, counts += sizes.countBytes) {
        const std::int64_t count = readCmpqNumber(counts, sizes.countBytes);
        if (count > left)
            refuse("outlier_counts", "more", std::to_string(sizes.outlierCount) + " outliers");
        left -= count;
        std::int64_t previous = -1;
        for (std::int64_t i = 0; i < count; ++i, rows += sizes.rowBytes) {
            const std::int64_t row = readCmpqNumber(rows, sizes.rowBytes);
            if (row <= previous || row >= out)
                refuse("outlier_rows", std::to_string(row), "rising rows below " + std::to_string(out));
            previous = row;
        }
    }
    if (left != 0)
        refuse("outlier_counts", std::to_string(sizes.outlierCount - left),
               std::to_string(sizes.outlierCount) + " outliers");
}

} // namespace

CmpqOffsets::CmpqOffsets(const std::vector<std::uint8_t>& widths, std::int64_t out)
    : codes(widths.size()), codebooks(widths.size())
{
    for (const int channel : cmpqCodeOrder(widths)) {
        const auto at = static_cast<std::size_t>(channel);
        codes[at] = codeBytes;
        codebooks[at] = codebookValues;
        codeBytes += layout::packedRowBytes(static_cast<std::size_t>(out), widths[at]);
        codebookValues += std::size_t{1} << widths[at];
    }
}

std::int64_t cmpqOutlierCount(double share, std::int64_t weights)
{
    return std::llround(share * static_cast<double>(weights));
}

int cmpqNumberBytes(std::int64_t largest)
{
    return largest <= 0xff ? 1 : largest <= 0xffff ? 2 : 4;
}

std::uint32_t readCmpqNumber(const std::uint8_t* bytes, int size)
{
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i)
        value |= static_cast<std::uint32_t>(bytes[i]) << 8 * i;
    return value;
}

void writeCmpqNumber(std::uint32_t value, std::uint8_t* bytes, int size)
{
    for (int i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

std::array<int, 9> cmpqWidthCounts(int channels, const CmpqSettings& settings)
{
    checkSettings(settings);
    const int whole = static_cast<int>(std::lround(settings.bits));
    std::array<int, 9> counts{};
    if (std::abs(settings.bits - whole) < 1e-9) {
        const int tenth = whole == 8 ? 0 : static_cast<int>(std::lround(channels * 0.1));
        counts[static_cast<std::size_t>(whole)] = channels - 2 * tenth;
        counts[static_cast<std::size_t>(whole) - 1] = tenth;
        if (tenth > 0)
            counts[static_cast<std::size_t>(whole) + 1] = tenth;
        return counts;
    }
    const auto low = static_cast<std::size_t>(settings.bits);
    const std::size_t high = settings.fourAndTwo && low == 2 ? 4 : low + 1;
    const double share = (settings.bits - static_cast<double>(low)) / static_cast<double>(high - low);
    counts[high] = static_cast<int>(std::lround(channels * share));
    counts[low] = channels - counts[high];
    return counts;
}

std::vector<std::uint8_t> cmpqWidths(const std::vector<double>& channelEnergy, const CmpqSettings& settings)
{
    std::vector<int> order(channelEnergy.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return channelEnergy[static_cast<std::size_t>(a)] > channelEnergy[static_cast<std::size_t>(b)];
    });
    const auto counts = cmpqWidthCounts(static_cast<int>(order.size()), settings);
    std::vector<std::uint8_t> widths(order.size());
    auto next = order.begin();
    for (std::size_t width = counts.size(); width-- > 0;)
        for (int i = 0; i < counts[width]; ++i)
            widths[static_cast<std::size_t>(*next++)] = static_cast<std::uint8_t>(width);
    return widths;
}

std::vector<int> cmpqCodeOrder(const std::vector<std::uint8_t>& widths)
{
    std::vector<int> order(widths.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return widths[static_cast<std::size_t>(a)] < widths[static_cast<std::size_t>(b)];
    });
    return order;
}

at::Tensor packCmpqWidths(const std::vector<std::uint8_t>& widths)
{
    at::Tensor packed =
        at::empty({static_cast<std::int64_t>(layout::packedRowBytes(widths.size(), 4))}, at::kByte);
    layout::packRow(widths.data(), widths.size(), 4, packed.data_ptr<std::uint8_t>());
    return packed;
}

std::vector<std::uint8_t> unpackCmpqWidths(const at::Tensor& packed, int channels)
{
    std::vector<std::uint8_t> widths(static_cast<std::size_t>(channels));
    checkTensor("widths", packed, at::kByte,
                {static_cast<std::int64_t>(layout::packedRowBytes(widths.size(), 4))});
    layout::unpackRow(packed.const_data_ptr<std::uint8_t>(), widths.size(), 4, widths.data());
    return widths;
}

at::Tensor dequantize(const CmpqLinear& linear, std::int64_t out)
{
    const auto in = static_cast<std::int64_t>(linear.widths.size());
    const CmpqOffsets offsets(linear.widths, out);
    at::Tensor columns = at::empty({in, out}, at::kFloat);
    at::parallel_for(0, in, 16, [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(out));
        for (std::int64_t channel = begin; channel < end; ++channel) {
            const auto at = static_cast<std::size_t>(channel);
            layout::unpackRow(linear.codes.const_data_ptr<std::uint8_t>() + offsets.codes[at], codes.size(),
                              linear.widths[at], codes.data());
            const c10::Half* codebook = linear.codebooks.const_data_ptr<c10::Half>() + offsets.codebooks[at];
            std::transform(codes.begin(), codes.end(), columns.data_ptr<float>() + channel * out,
                           [&](std::uint8_t code) { return static_cast<float>(codebook[code]); });
        }
    });
    const int countBytes = cmpqNumberBytes(out), rowBytes = cmpqNumberBytes(out - 1);
    const auto* counts = linear.outlierCounts.const_data_ptr<std::uint8_t>();
    const auto* rows = linear.outlierRows.const_data_ptr<std::uint8_t>();
    const auto* values = linear.outlierValues.const_data_ptr<c10::Half>();
    for (std::int64_t channel = 0; channel < in; ++channel)
        for (auto left = readCmpqNumber(counts + channel * countBytes, countBytes); left > 0;
             --left, rows += rowBytes)
            columns.data_ptr<float>()[channel * out + readCmpqNumber(rows, rowBytes)] =
                static_cast<float>(*values++);
    return columns.t().contiguous();
}

CmpqStorage cmpqStorage(std::int64_t out, std::int64_t in, const CmpqSettings& settings)
{
    CmpqStorage storage;
    const auto counts = cmpqWidthCounts(static_cast<int>(in), settings);
    for (std::size_t width = 1; width < counts.size(); ++width) {
        const auto columns = static_cast<std::uint64_t>(counts[width]);
        storage.codes += columns * layout::packedRowBytes(static_cast<std::size_t>(out), static_cast<int>(width));
        storage.codebooks += columns * (std::uint64_t{2} << width);
    }
    storage.widths = layout::packedRowBytes(static_cast<std::size_t>(in), 4);
    storage.outlierCount = cmpqOutlierCount(settings.activationOutliers, out * in) +
                           cmpqOutlierCount(settings.quantizationOutliers, out * in);
    storage.countBytes = cmpqNumberBytes(out);
    storage.rowBytes = cmpqNumberBytes(out - 1);
    storage.outliers =
        static_cast<std::uint64_t>(in * storage.countBytes + storage.outlierCount * (storage.rowBytes + 2));
    return storage;
}

void checkCmpq(const CmpqLinear& linear, std::int64_t out, const CmpqSettings& settings)
{
    checkWidths(linear.widths, settings);
    const auto in = static_cast<std::int64_t>(linear.widths.size());
    const CmpqStorage sizes = cmpqStorage(out, in, settings);
    checkTensor("codes", linear.codes, at::kByte, {static_cast<std::int64_t>(sizes.codes)});
    checkTensor("codebooks", linear.codebooks, at::kHalf, {static_cast<std::int64_t>(sizes.codebooks / 2)});
    checkTensor("outlier_counts", linear.outlierCounts, at::kByte, {in, sizes.countBytes});
    checkTensor("outlier_rows", linear.outlierRows, at::kByte, {sizes.outlierCount, sizes.rowBytes});
    checkTensor("outlier_values", linear.outlierValues, at::kHalf, {sizes.outlierCount});
    checkOutliers(linear, out, sizes);
}

} // namespace eigenquant
