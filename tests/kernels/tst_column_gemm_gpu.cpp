// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/column_gemm.h"
#include "tests/kernels/column_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>

using namespace eigenquant::kernels;
using namespace eigenquant::kernels::test;

namespace {

constexpr std::size_t kGuardBytes = 256;
constexpr std::uint8_t kGuard = 0xa5;

std::optional<GpuInfo> gpu()
{
    try {
        return findGpu();
    } catch (const GpuError& error) {
        if (error.kind() != GpuError::Kind::Unavailable)
            throw;
        return std::nullopt;
    }
}

#define REQUIRE_GPU(info)                                                                                         \
    const std::optional<GpuInfo> info = gpu();                                                                    \
    if (!info)                                                                                                    \
    GTEST_SKIP() << "this machine has no GPU"

/// One product in memory of the GPU: y has room between its rows, and guards stand behind y and the workspace.
class Product {
public:
    Product(const ColumnCase& is, int batch, Element element, const GpuTraits& traits, Stream stream)
        : m_name(is.name() + " batch " + std::to_string(batch) + (element == Element::F16 ? " F16" : " BF16")),
          m_traits(traits), m_packed(packColumns(makeData(is, 31).source(), element)), m_batch(batch)
    {
        Random random(7);
        const ColumnLayout& layout = m_packed.layout;
        m_xStride = layout.paddedColumns() + 8;
        m_yStride = layout.rows + 3;
        m_x.resize(static_cast<std::size_t>(m_xStride * batch));
        for (auto& value : m_x)
            value = toElement(random.symmetric(), element);
        m_bias.resize(static_cast<std::size_t>(layout.rows));
        for (float& value : m_bias)
            value = random.symmetric();
        m_weightsBuffer = uploaded(m_packed.bytes.data(), m_packed.bytes.size(), stream);
        m_xBuffer = uploaded(m_x.data(), m_x.size() * 2, stream);
        m_biasBuffer = uploaded(m_bias.data(), m_bias.size() * 4, stream);
        const std::vector<std::uint8_t> guards(yBytes() + kGuardBytes, kGuard);
        m_yBuffer = uploaded(guards.data(), guards.size(), stream);
    }

    std::size_t workspaceBytes() const { return columnGemmWorkspaceBytes(m_packed.layout, m_batch, m_traits); }
    const std::string& name() const { return m_name; }
    const PackedColumns& packed() const { return m_packed; }

    void queue(void* workspace, Stream stream) const { columnGemm(gemm(workspace), m_traits, stream); }

    /// y with what lies between and behind its rows.
    std::vector<std::uint8_t> result(Stream stream) const
    {
        std::vector<std::uint8_t> bytes(m_yBuffer.size());
        copyFromGpu(bytes.data(), m_yBuffer.data(), bytes.size(), stream);
        return bytes;
    }

    void compareWithTwin(const std::vector<std::uint8_t>& bytes) const
    {
        std::vector<std::uint8_t> expected(yBytes() + kGuardBytes, kGuard);
        ColumnGemm twin{m_packed.weights(m_packed.bytes.data()),
                        m_x.data(),
                        m_xStride,
                        expected.data(),
                        m_yStride,
                        m_bias.data(),
                        m_batch,
                        nullptr};
        columnGemmCpu(twin);
        const Element element = m_packed.element;
        const double unit = element == Element::F16 ? 0x1p-11 : 0x1p-8;
        double worst = 0;
        int wrong = 0, outside = 0;
        std::string where;
        for (std::size_t i = 0; i < expected.size() / 2; ++i) {
            std::uint16_t got = 0, truth = 0;
            std::memcpy(&got, bytes.data() + 2 * i, 2);
            std::memcpy(&truth, expected.data() + 2 * i, 2);
            const auto n = i / static_cast<std::size_t>(m_yStride), row = i % static_cast<std::size_t>(m_yStride);
            if (i >= yBytes() / 2 || row >= static_cast<std::size_t>(m_packed.layout.rows)) {
                outside += got != truth ? 1 : 0;
                continue;
            }
            const double want = static_cast<double>(fromElement(truth, element));
            const double error = std::fabs(static_cast<double>(fromElement(got, element)) - want);
            // Both round to the element, and the sums of up to `columns` products differ in their order.
            const double allowed = 2.01 * unit * std::fabs(want) + 0x1p-19 * m_packed.layout.columns;
            if (error <= allowed)
                continue;
            ++wrong;
            if (!(error <= worst)) {
                worst = error;
                where = "row " + std::to_string(row) + " of batch row " + std::to_string(n) + ": " +
                        std::to_string(fromElement(got, element)) + " instead of " + std::to_string(want);
            }
        }
        EXPECT_EQ(wrong, 0) << m_name << ": worst error " << worst << " at " << where;
        EXPECT_EQ(outside, 0) << m_name << ": elements beyond y's rows were written";
    }

    void compareDequantized(Stream stream) const
    {
        const std::int64_t stride = m_packed.layout.paddedColumns() + 4;
        std::vector<std::uint16_t> expected(static_cast<std::size_t>(stride * m_packed.layout.rows) + 64, 0x5a5a);
        const GpuBuffer buffer = uploaded(expected.data(), expected.size() * 2, stream);
        dequantizeColumns(m_packed.weights(m_weightsBuffer.data()), buffer.data(), stride, stream);
        std::vector<std::uint16_t> got(expected.size());
        copyFromGpu(got.data(), buffer.data(), got.size() * 2, stream);
        dequantizeColumnsCpu(m_packed.weights(m_packed.bytes.data()), expected.data(), stride);
        const auto [a, b] = std::mismatch(got.begin(), got.end(), expected.begin());
        const auto at = a - got.begin();
        EXPECT_TRUE(a == got.end()) << m_name << ": dequantized row " << at / stride << " position " << at % stride
                                    << " has bits " << (a == got.end() ? 0 : *a) << " instead of "
                                    << (a == got.end() ? 0 : *b);
    }

private:
    static GpuBuffer uploaded(const void* from, std::size_t bytes, Stream stream)
    {
        GpuBuffer buffer(bytes);
        copyToGpu(buffer.data(), from, bytes, stream);
        return buffer;
    }
    std::size_t yBytes() const { return static_cast<std::size_t>(m_yStride * m_batch) * 2; }
    ColumnGemm gemm(void* workspace) const
    {
        return {m_packed.weights(m_weightsBuffer.data()),
                m_xBuffer.data(),
                m_xStride,
                m_yBuffer.data(),
                m_yStride,
                m_biasBuffer.as<float>(),
                m_batch,
                workspace};
    }

    std::string m_name;
    GpuTraits m_traits;
    PackedColumns m_packed;
    int m_batch;
    std::int64_t m_xStride = 0, m_yStride = 0;
    std::vector<std::uint16_t> m_x;
    std::vector<float> m_bias;
    GpuBuffer m_weightsBuffer, m_xBuffer, m_biasBuffer, m_yBuffer;
};

/// Runs a product twice, on a workspace of NaNs with a guard behind it.
void checkProduct(const ColumnCase& is, int batch, Element element, const GpuTraits& traits, const GpuQueue& queue)
{
    SCOPED_TRACE(is.name() + " batch " + std::to_string(batch));
    const Product product(is, batch, element, traits, queue.stream());
    std::vector<std::uint8_t> poison(product.workspaceBytes() + kGuardBytes, 0xff);
    const GpuBuffer workspace(poison.size());
    copyToGpu(workspace.data(), poison.data(), poison.size(), queue.stream());
    product.queue(workspace.data(), queue.stream());
    const std::vector<std::uint8_t> first = product.result(queue.stream());
    product.compareWithTwin(first);
    product.queue(workspace.data(), queue.stream());
    EXPECT_TRUE(first == product.result(queue.stream())) << product.name() << ": a second run gives other bits";
    copyFromGpu(poison.data(), workspace.data(), poison.size(), queue.stream());
    EXPECT_TRUE(std::all_of(poison.end() - kGuardBytes, poison.end(), [](auto byte) { return byte == 0xff; }))
        << product.name() << ": bytes behind the workspace were written";
}

const std::vector<int> kAllWidths{1, 2, 3, 4, 5, 6, 7, 8};

} // namespace

TEST(ColumnGemmGpu, EveryWidth)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
        for (const int width : kAllWidths)
            for (const Element element : {Element::F16, Element::BF16})
                for (const int batch : {1, 20})
                    checkProduct({coding, 333, widthsFrom({width}, 83, 1), Outliers::None}, batch, element,
                                 info->traits, queue);
}

TEST(ColumnGemmGpu, EveryBatchTile)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
        for (const Element element : {Element::F16, Element::BF16})
            for (const int batch : {1, 2, 7, 8, 9, 16, 17, 32, 33, 63, 64, 65, 129, 257})
                checkProduct({coding, 577, widthsFrom({2, 3, 3, 3, 4}, 200, 2), Outliers::None}, batch, element,
                             info->traits, queue);
}

TEST(ColumnGemmGpu, EveryShape)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
        for (const auto& [rows, columns] :
             {std::pair{1, 1}, {64, 16}, {65, 17}, {256, 128}, {257, 900}, {1100, 700}, {40000, 16}})
            for (const int batch : {3, 40})
                checkProduct({coding, rows, widthsFrom(kAllWidths, columns, 3), Outliers::None}, batch,
                             Element::F16, info->traits, queue);
}

/// One block computes everything: runs of columns as long as they get, many groups after each other.
TEST(ColumnGemmGpu, FewMultiprocessors)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    for (const int multiprocessors : {1, 3})
        for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
            for (const auto& [rows, columns] : {std::pair{70, 4600}, {900, 90}}) {
                GpuTraits traits = info->traits;
                traits.multiprocessors = multiprocessors;
                const bool codebooks = coding == ColumnCoding::Codebooks;
                checkProduct(
                    {coding, rows, widthsFrom({2, 3, 4}, columns, 4), codebooks ? Outliers::Some : Outliers::None},
                    5, Element::F16, traits, queue);
            }
}

/// Too little shared memory for sixteen copies of the levels, or for a deep pipeline.
TEST(ColumnGemmGpu, LittleSharedMemory)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    for (const std::size_t sharedBytes : {std::size_t{102400}, std::size_t{166912}})
        for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis})
            for (const int batch : {4, 64}) {
                GpuTraits traits = info->traits;
                traits.sharedBytes = std::min(traits.sharedBytes, sharedBytes);
                checkProduct({coding, 300, widthsFrom({2, 3, 4}, 500, 5), Outliers::None}, batch, Element::F16,
                             traits, queue);
            }
}

TEST(ColumnGemmGpu, OutliersReplaceWeights)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    for (const Outliers outliers : {Outliers::Some, Outliers::OneRow})
        for (const Element element : {Element::F16, Element::BF16})
            for (const int batch : {1, 12, 30, 64, 70})
                checkProduct({ColumnCoding::Codebooks, 700, widthsFrom({2, 3, 3, 4, 6}, 300, 6), outliers}, batch,
                             element, info->traits, queue);
}

TEST(ColumnGemmGpu, DequantizesToTheBitsOfTheTwin)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    for (const Element element : {Element::F16, Element::BF16})
        for (const int rows : {1, 333, 1500}) {
            for (const Outliers outliers : {Outliers::None, Outliers::Some, Outliers::OneRow})
                Product({ColumnCoding::Codebooks, rows, widthsFrom(kAllWidths, 200, 8), outliers}, 1, element,
                        info->traits, queue.stream())
                    .compareDequantized(queue.stream());
            Product({ColumnCoding::Trellis, rows, widthsFrom(kAllWidths, 200, 8), Outliers::None}, 1, element,
                    info->traits, queue.stream())
                .compareDequantized(queue.stream());
        }
}

/// Products that follow each other without a wait share a workspace: each may begin before the one before it ends.
TEST(ColumnGemmGpu, ProductsInAGraphShareAWorkspace)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    std::vector<Product> products;
    std::size_t bytes = 0;
    for (const int batch : {1, 64, 17, 100})
        for (const ColumnCoding coding : {ColumnCoding::Codebooks, ColumnCoding::Trellis}) {
            products.emplace_back(ColumnCase{coding, 1000, widthsFrom({2, 3, 4}, 600, 9), Outliers::None}, batch,
                                  Element::F16, info->traits, queue.stream());
            bytes = std::max(bytes, products.back().workspaceBytes());
        }
    const GpuBuffer workspace(bytes);
    const auto queueAll = [&] {
        for (const Product& product : products)
            product.queue(workspace.data(), queue.stream());
    };
    queueAll(); // the first use of a kernel may not be recorded
    queue.wait();
    GpuGraph::begin(queue.stream());
    queueAll();
    const GpuGraph graph = GpuGraph::end(queue.stream());
    for (int replay = 0; replay < 3; ++replay)
        graph.launch(queue.stream());
    queue.wait();
    for (const Product& product : products)
        product.compareWithTwin(product.result(queue.stream()));
}

TEST(ColumnGemmGpu, RefusesContradictions)
{
    REQUIRE_GPU(info);
    const GpuQueue queue;
    const PackedColumns packed =
        packColumns(makeData({ColumnCoding::Codebooks, 10, {3, 3}, Outliers::None}, 1).source(), Element::F16);
    const GpuBuffer memory(1 << 20);
    const ColumnGemm good{
        packed.weights(memory.data()), memory.data(), 16, memory.data(), 10, nullptr, 1, memory.data()};
    const auto refused = [&](auto change) {
        ColumnGemm gemm = good;
        change(gemm);
        EXPECT_THROW(columnGemm(gemm, info->traits, queue.stream()), std::invalid_argument);
    };
    refused([](ColumnGemm& gemm) { gemm.xStride = 20; });
    refused([](ColumnGemm& gemm) { gemm.xStride = 8; });
    refused([](ColumnGemm& gemm) { gemm.yStride = 9; });
    refused([](ColumnGemm& gemm) { gemm.workspace = nullptr; });
    EXPECT_THROW(dequantizeColumns(good.weights, memory.data(), 18, queue.stream()), std::invalid_argument);
}
