// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/cmpq.h"

#include "core/base/error.h"
#include "core/io/safetensors.h"
#include "core/quant/random.h"
#include "tests/core/quant/gaussian.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

namespace eigenquant {
namespace {

using test::gaussian;

std::vector<double> energies(int channels, std::uint64_t seed = 9)
{
    Random random(seed);
    std::vector<double> energy;
    for (int j = 0; j < channels; ++j)
        energy.push_back(std::exp(2 * random.normal()));
    return energy;
}

double meanWidth(const std::vector<std::uint8_t>& widths)
{
    return std::accumulate(widths.begin(), widths.end(), 0.0) / static_cast<double>(widths.size());
}

double weightedError(const at::Tensor& weight, const at::Tensor& back, const std::vector<double>& energy)
{
    const at::Tensor columns = (weight - back).to(at::kDouble).square().sum(0);
    double sum = 0;
    for (std::size_t j = 0; j < energy.size(); ++j)
        sum += columns.data_ptr<double>()[j] * energy[j];
    return sum;
}

void expectUsage(const CmpqSettings& settings)
{
    try {
        cmpqWidthCounts(100, settings);
        FAIL() << settings.bits;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Usage);
        EXPECT_FALSE(error.found().empty());
        EXPECT_FALSE(error.expected().empty());
    }
}

TEST(Cmpq, WidthsComeToTheirMean)
{
    for (const double bits : {2.0, 2.2, 2.5, 3.0, 3.2, 4.0, 5.75, 7.0, 7.9, 8.0})
        for (const int channels : {7, 100, 576}) {
            const auto widths = cmpqWidths(energies(channels), {.bits = bits});
            EXPECT_NEAR(meanWidth(widths), bits, 0.5 / channels + 1e-12) << bits;
            std::array<int, 9> counts{};
            for (const std::uint8_t width : widths)
                ++counts[width];
            EXPECT_EQ(counts, cmpqWidthCounts(channels, {.bits = bits}));
        }
}

TEST(Cmpq, WidthsFollowTheRules)
{
    using Counts = std::array<int, 9>;
    EXPECT_EQ(cmpqWidthCounts(100, {.bits = 2.2}), (Counts{0, 0, 80, 20}));
    EXPECT_EQ(cmpqWidthCounts(100, {.bits = 2.2, .fourAndTwo = true}), (Counts{0, 0, 90, 0, 10}));
    EXPECT_EQ(cmpqWidthCounts(100, {.bits = 3.2, .fourAndTwo = true}), (Counts{0, 0, 0, 80, 20}));
    EXPECT_EQ(cmpqWidthCounts(100, {.bits = 3}), (Counts{0, 0, 10, 80, 10}));
    EXPECT_EQ(cmpqWidthCounts(100, {.bits = 2}), (Counts{0, 10, 80, 10}));
    EXPECT_EQ(cmpqWidthCounts(100, {.bits = 8}), (Counts{0, 0, 0, 0, 0, 0, 0, 0, 100}));
    EXPECT_EQ(cmpqWidths({1, 5, 2, 5, 0, 2, 2, 2, 2, 2}, {.bits = 2.3}),
              (std::vector<std::uint8_t>{2, 3, 3, 3, 2, 2, 2, 2, 2, 2}));
}

TEST(Cmpq, RefusesMeansAndSharesOutOfRange)
{
    for (const double bits : {1.9, 8.1, std::numeric_limits<double>::quiet_NaN()})
        expectUsage({.bits = bits});
    expectUsage({.activationOutliers = -0.1});
    expectUsage({.quantizationOutliers = 0.3});
}

TEST(Cmpq, AgreesWithNumpy)
{
    const auto store =
        SafetensorsStore::openFile(std::filesystem::path(EIGENQUANT_SOURCE_DIR) / "tests/golden/cmpq.safetensors");
    auto read = [&](const std::string& name, at::ScalarType type) {
        const StoredTensor& stored = store->at(name);
        at::Tensor tensor = at::empty(stored.shape, type);
        std::memcpy(tensor.data_ptr(), stored.bytes.data(), stored.bytes.size());
        return tensor;
    };
    const at::Tensor weight = read("weight", at::kFloat), energyTensor = read("energy", at::kDouble);
    const std::vector<double> energy(energyTensor.data_ptr<double>(),
                                     energyTensor.data_ptr<double>() + energyTensor.numel());
    int cases = 0;
    for (const StoredTensor& tensor : store->tensors()) {
        const std::size_t dot = tensor.name.find(".settings");
        if (dot == std::string::npos)
            continue;
        const std::string name = tensor.name.substr(0, dot);
        const at::Tensor given = read(tensor.name, at::kDouble);
        const double* values = given.const_data_ptr<double>();
        const CmpqLinear linear = quantizeCmpq(weight, energy, {values[0], values[1], values[2], values[3] != 0});
        const at::Tensor widths = read(name + ".widths", at::kByte);
        EXPECT_TRUE(std::equal(linear.widths.begin(), linear.widths.end(), widths.const_data_ptr<std::uint8_t>()))
            << name;
        EXPECT_TRUE(dequantize(linear, weight.size(0)).equal(read(name + ".expected", at::kFloat))) << name;
        ++cases;
    }
    EXPECT_EQ(cases, 7);
}

TEST(Cmpq, ErrorFallsWithBits)
{
    const at::Tensor weight = gaussian(120, 60);
    const std::vector<double> energy = energies(60);
    double before = std::numeric_limits<double>::infinity();
    for (const double bits : {2.0, 2.2, 2.5, 2.8, 3.0, 3.2, 4.0, 5.0, 6.0}) {
        const double error =
            weightedError(weight, dequantize(quantizeCmpq(weight, energy, {.bits = bits}), 120), energy);
        EXPECT_LT(error, before) << bits;
        before = error;
    }
}

TEST(Cmpq, KeepsTheSharesOfOutliersThatItWasGiven)
{
    const at::Tensor weight = gaussian(300, 40);
    const std::vector<double> energy = energies(40);
    for (const auto& [activation, quantization] :
         {std::pair{0.0005, 0.0045}, {0.0, 0.01}, {0.02, 0.0}, {0.0, 0.0}}) {
        const CmpqSettings settings{.activationOutliers = activation, .quantizationOutliers = quantization};
        const CmpqLinear linear = quantizeCmpq(weight, energy, settings);
        const auto count = std::llround(activation * 12000) + std::llround(quantization * 12000);
        EXPECT_EQ(linear.outlierValues.numel(), count);
        EXPECT_EQ(cmpqStorage(300, 40, settings).outlierCount, count);
        const at::Tensor back = dequantize(linear, 300);
        EXPECT_GE(back.eq(weight.to(at::kHalf).to(at::kFloat)).sum().item<std::int64_t>(), count);
    }
}

TEST(Cmpq, OutliersOfActivationsAreExactAndOutOfTheWayOfTheRest)
{
    at::Tensor weight = gaussian(200, 10) * 0.01;
    weight[17][3] = 1000.5f;
    const std::vector<double> energy(10, 1.0);
    const CmpqSettings one{.bits = 4, .activationOutliers = 0.0005, .quantizationOutliers = 0};
    const at::Tensor back = dequantize(quantizeCmpq(weight, energy, one), 200);
    EXPECT_EQ(back[17][3].item<float>(), 1000.5f);
    EXPECT_LT((back - weight).abs().max().item<float>(), 0.03f);
}

TEST(Cmpq, StorageIsWhatTheTensorsTake)
{
    for (const std::int64_t out : {1, 100, 256, 257, 1000})
        for (const double bits : {2.0, 2.2, 3.0, 4.5, 8.0}) {
            const CmpqSettings settings{.bits = bits, .activationOutliers = 0.01, .quantizationOutliers = 0.02};
            const CmpqLinear linear = quantizeCmpq(gaussian(out, 21), energies(21), settings);
            const CmpqStorage storage = cmpqStorage(out, 21, settings);
            EXPECT_EQ(storage.codes, linear.codes.nbytes());
            EXPECT_EQ(storage.codebooks, linear.codebooks.nbytes());
            EXPECT_EQ(storage.widths, packCmpqWidths(linear.widths).nbytes());
            EXPECT_EQ(storage.outliers,
                      linear.outlierCounts.nbytes() + linear.outlierRows.nbytes() + linear.outlierValues.nbytes());
            EXPECT_EQ(linear.outlierRows.size(1), out <= 256 ? 1 : 2);
            EXPECT_EQ(unpackCmpqWidths(packCmpqWidths(linear.widths), 21), linear.widths);
            EXPECT_NO_THROW(checkCmpq(linear, out, settings));
        }
}

TEST(Cmpq, ColumnsOfFewValuesComeBackExactly)
{
    const at::Tensor weight = (gaussian(64, 12) * 2).clamp(-3, 3).round() / 2; // at most 13 values
    const at::Tensor back = dequantize(quantizeCmpq(weight, energies(12), {.bits = 4.5}), 64);
    EXPECT_TRUE(back.equal(weight));
    const at::Tensor zeros = at::zeros({16, 5}, at::kFloat);
    EXPECT_TRUE(dequantize(quantizeCmpq(zeros, std::vector<double>(5, 0.0), {}), 16).equal(zeros));
}

TEST(Cmpq, TheSameForAnyNumberOfThreads)
{
    const at::Tensor weight = gaussian(150, 200);
    const int threads = at::get_num_threads();
    std::vector<CmpqLinear> made;
    for (const int count : {1, 2}) {
        at::set_num_threads(count);
        made.push_back(quantizeCmpq(weight, energies(200), {.bits = 2.5}));
    }
    at::set_num_threads(threads);
    EXPECT_EQ(made[0].widths, made[1].widths);
    EXPECT_TRUE(made[0].codes.equal(made[1].codes));
    EXPECT_TRUE(made[0].codebooks.equal(made[1].codebooks));
    EXPECT_TRUE(made[0].outlierCounts.equal(made[1].outlierCounts));
    EXPECT_TRUE(made[0].outlierRows.equal(made[1].outlierRows));
    EXPECT_TRUE(made[0].outlierValues.equal(made[1].outlierValues));
}

TEST(Cmpq, RefusesWeightsThatHalvesCannotHold)
{
    for (const float value : {65505.f, -1e6f, std::numeric_limits<float>::quiet_NaN()})
        try {
            quantizeCmpq(at::full({4, 4}, value), std::vector<double>(4, 1.0), {});
            FAIL() << value;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Unsupported);
        }
}

TEST(Cmpq, RefusesLinearsThatLie)
{
    const CmpqSettings settings{.activationOutliers = 0.01, .quantizationOutliers = 0.02};
    const std::vector<std::function<void(CmpqLinear&)>> lies{
        [](CmpqLinear& linear) { linear.widths[0] = 0; },
        [](CmpqLinear& linear) { linear.widths[0] = 9; },
        [](CmpqLinear& linear) { std::fill(linear.widths.begin(), linear.widths.end(), std::uint8_t{2}); },
        [](CmpqLinear& linear) { linear.widths.pop_back(); },
        [](CmpqLinear& linear) { linear.codes = linear.codes.slice(0, 1); },
        [](CmpqLinear& linear) { linear.codebooks = linear.codebooks.to(at::kFloat); },
        [](CmpqLinear& linear) { linear.codebooks[3] = std::numeric_limits<float>::infinity(); },
        [](CmpqLinear& linear) { linear.outlierValues[0] = std::numeric_limits<float>::quiet_NaN(); },
        [](CmpqLinear& linear) { linear.outlierValues = at::Tensor(); },
        [](CmpqLinear& linear) { linear.outlierCounts.fill_(255); },
        [](CmpqLinear& linear) { linear.outlierCounts.fill_(0); },
        [](CmpqLinear& linear) { linear.outlierRows.fill_(200); },
        [](CmpqLinear& linear) { linear.outlierRows.fill_(1); },
    };
    const CmpqLinear honest = quantizeCmpq(gaussian(200, 30), energies(30), settings);
    for (std::size_t i = 0; i < lies.size(); ++i) {
        CmpqLinear linear = honest;
        for (at::Tensor* part :
             {&linear.codes, &linear.codebooks, &linear.outlierCounts, &linear.outlierRows, &linear.outlierValues})
            *part = part->clone();
        lies[i](linear);
        try {
            checkCmpq(linear, 200, settings);
            ADD_FAILURE() << "lie " << i;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Invalid) << i;
        }
    }
    EXPECT_THROW(unpackCmpqWidths(packCmpqWidths(honest.widths), 33), Error);
}

} // namespace
} // namespace eigenquant
