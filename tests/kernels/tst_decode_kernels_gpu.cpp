// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/cublas.h"
#include "kernels/decode/decode_kernels_cpu.h"
#include "tests/kernels/decode_cases.h"
#include "tests/kernels/tolerance.h"

#include <gtest/gtest.h>

#include <functional>

using namespace eigenquant;
using namespace eigenquant::kernels;
using namespace eigenquant::tests;

namespace {

constexpr Element kElements[] = {Element::F16, Element::BF16};

std::size_t at(std::int64_t index)
{
    return static_cast<std::size_t>(index);
}

/// A host vector's copy on the GPU, and the way back.
template <class T>
class OnGpu {
public:
    OnGpu(const std::vector<T>& host, Stream stream) : m_buffer(host.size() * sizeof(T)), m_stream(stream)
    {
        if (!host.empty())
            copyToGpu(m_buffer.data(), host.data(), m_buffer.size(), stream);
    }
    T* data() const { return m_buffer.template as<T>(); }
    std::vector<T> read() const
    {
        std::vector<T> host(m_buffer.size() / sizeof(T));
        if (!host.empty())
            copyFromGpu(host.data(), m_buffer.data(), m_buffer.size(), m_stream);
        return host;
    }

private:
    GpuBuffer m_buffer;
    Stream m_stream;
};

/// The furthest element from its expectation, measured by what is allowed there.
class Worst {
public:
    void see(double found, double expected, double allowed, const std::string& where)
    {
        const double share = std::fabs(found - expected) / allowed;
        if (share <= m_share)
            return;
        m_share = std::isnan(share) ? INFINITY : share;
        m_text = where + ": found " + std::to_string(found) + ", expected " + std::to_string(expected) + " ± " +
                 std::to_string(allowed);
    }
    double share() const { return m_share; }
    const std::string& text() const { return m_text; }

private:
    double m_share = 0;
    std::string m_text;
};

/// Rows [count, width] of two results against each other.
Worst compareRows(const Bits& found, const Bits& expected, Element element, std::int64_t width,
                  const std::function<double(double)>& tolerance)
{
    Worst worst;
    for (std::size_t i = 0; i < expected.size(); ++i)
        worst.see(fromElement(found[i], element), fromElement(expected[i], element),
                  tolerance(fromElement(expected[i], element)),
                  "row " + std::to_string(static_cast<std::int64_t>(i) / width) + " column " +
                      std::to_string(static_cast<std::int64_t>(i) % width));
    return worst;
}

class DecodeKernelsGpu : public testing::Test {
protected:
    void SetUp() override
    {
        try {
            m_gpu = findGpu();
        } catch (const GpuError& error) {
            GTEST_SKIP() << "no GPU: " << error.what();
        }
        m_queue = std::make_unique<GpuQueue>();
    }
    Stream stream() const { return m_queue->stream(); }
    template <class T>
    OnGpu<T> send(const std::vector<T>& host) const
    {
        return OnGpu<T>(host, stream());
    }

    GpuInfo m_gpu;
    std::unique_ptr<GpuQueue> m_queue;
};

// --- attention ------------------------------------------------------------------------------------------------

/// A case's memory on the GPU.
struct AttentionOnGpu {
    OnGpu<std::uint16_t> qkv, out;
    OnGpu<float> cosine, sine, keyScales, valueScales;
    OnGpu<std::uint8_t> keys, values;
    OnGpu<std::int32_t> positions;
    GpuBuffer workspace;

    AttentionOnGpu(const AttentionData& data, const GpuTraits& gpu, Stream stream)
        : qkv(data.qkv, stream), out(data.out, stream), cosine(data.cosine, stream), sine(data.sine, stream),
          keyScales(data.keyScales, stream), valueScales(data.valueScales, stream), keys(data.keys, stream),
          values(data.values, stream), positions(data.positions, stream),
          workspace(attentionWorkspaceBytes(data.shape.sequences, data.shape.tokens, data.shape.heads,
                                            data.shape.headDim, data.shape.longest, gpu))
    {
        if (workspace.size() > 0)
            zeroOnGpu(workspace.data(), workspace.size(), stream);
    }

    AttentionParams params(AttentionData& data) const
    {
        AttentionParams p = data.params();
        p.qkv = qkv.data();
        p.out = out.data();
        p.cosine = cosine.data();
        p.sine = sine.data();
        p.cache.keys = keys.data();
        p.cache.values = values.data();
        p.cache.keyScales = keyScales.data();
        p.cache.valueScales = valueScales.data();
        p.positions = positions.data();
        p.workspace = workspace.data();
        return p;
    }
};

/// The largest magnitude among the values that the cache holds.
double largestValue(const AttentionData& data)
{
    double largest = 0;
    for (const std::uint16_t bits : data.qkv)
        largest = std::max(largest, std::fabs(double{fromElement(bits, data.shape.element)}));
    if (data.shape.type == KvType::Int8)
        for (const float scale : data.valueScales)
            if (!std::isnan(scale))
                largest = std::max(largest, 127.0 * scale);
    return std::max(largest, 2.0);
}

bool sameFloats(const std::vector<float>& a, const std::vector<float>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

TEST_F(DecodeKernelsGpu, AttentionMatchesItsTwinAndTwiceItself)
{
    for (const AttentionCase& shape : attentionCases()) {
        SCOPED_TRACE(shape.name());
        AttentionData data(shape, 21);
        const AttentionOnGpu there(data, m_gpu.traits, stream());
        attention(there.params(data), m_gpu.traits, stream());
        m_queue->wait();
        const Bits found = there.out.read();
        attention(there.params(data), m_gpu.traits, stream()); // positions are as they were: the same once more
        m_queue->wait();
        EXPECT_EQ(there.out.read(), found) << "a second launch gives other bits";
        attentionCpu(data.params());
        const double largest = largestValue(data);
        const Worst worst = compareRows(found, data.out, shape.element, data.outStride, [&](double expected) {
            return attentionTolerance(shape.element, expected, largest);
        });
        EXPECT_LE(worst.share(), 1) << worst.text();
        EXPECT_TRUE(there.keys.read() == data.keys) << "keys in the cache differ";
        EXPECT_TRUE(there.values.read() == data.values) << "values in the cache differ";
        if (shape.type == KvType::Int8) {
            EXPECT_TRUE(sameFloats(there.keyScales.read(), data.keyScales)) << "scales of keys differ";
            EXPECT_TRUE(sameFloats(there.valueScales.read(), data.valueScales)) << "scales of values differ";
        }
    }
}

TEST_F(DecodeKernelsGpu, AttentionPutsTheSameBitsInOtherPlaces)
{
    for (const AttentionCase& shape : attentionCases()) {
        SCOPED_TRACE(shape.name());
        AttentionData data(shape, 23);
        const AttentionOnGpu there(data, m_gpu.traits, stream());
        AttentionParams params = there.params(data);
        attention(params, m_gpu.traits, stream());
        m_queue->wait();
        const Bits natural = there.out.read();
        const std::vector<std::int32_t> places = Numbers(24).order(shape.heads * shape.headDim);
        const auto placesThere = send(places);
        params.places = placesThere.data();
        attention(params, m_gpu.traits, stream());
        m_queue->wait();
        EXPECT_EQ(misplaced(data, natural, there.out.read(), places), "");
    }
}

TEST_F(DecodeKernelsGpu, RecordedAttentionFollowsThePositions)
{
    for (const int sequences : {1, 40}) { // split over blocks, and not
        AttentionData data({sequences, 1, 8, 4, 128, 400, {60}, 400, KvType::Same, Element::F16}, 22);
        const AttentionOnGpu there(data, m_gpu.traits, stream());
        GpuGraph::begin(stream());
        attention(there.params(data), m_gpu.traits, stream());
        const GpuGraph graph = GpuGraph::end(stream());
        const int steps = sequences == 1 ? 300 : 41;
        for (int step = 0; step < steps; ++step) {
            copyToGpu(there.positions.data(), data.positions.data(), data.positions.size() * 4, stream());
            graph.launch(stream());
            m_queue->wait();
            attentionCpu(data.params());
            if (step % 20 == 0) {
                const Worst worst = compareRows(there.out.read(), data.out, Element::F16, data.outStride, [](double x) {
                    return attentionTolerance(Element::F16, x, 2);
                });
                EXPECT_LE(worst.share(), 1) << sequences << " sequences, step " << step << ", " << worst.text();
            }
            for (std::int32_t& position : data.positions)
                ++position;
        }
    }
}

TEST_F(DecodeKernelsGpu, AttentionRefusesWhatItCannotDo)
{
    AttentionData data({1, 1, 4, 2, 64, 32, {0}, 32, KvType::Same, Element::F16}, 1);
    AttentionParams params = data.params();
    params.cache.headDim = 36;
    EXPECT_THROW(attention(params, m_gpu.traits, stream()), std::invalid_argument);
    params = data.params();
    params.heads = 3;
    EXPECT_THROW(attention(params, m_gpu.traits, stream()), std::invalid_argument);
    params = data.params();
    params.outStride = 257;
    EXPECT_THROW(attention(params, m_gpu.traits, stream()), std::invalid_argument);
}

// --- norms and gating -----------------------------------------------------------------------------------------

TEST_F(DecodeKernelsGpu, AddNormMatchesItsTwin)
{
    for (const Element element : kElements)
        for (const int width : {8, 576, 4096, 5120, 8192, 8200, 16384, 16392, 50, 4095})
            for (const int tokens : {1, 3, 64})
                for (const int outputs : {0, 1, 2, 3}) { // how many have an order
                    SCOPED_TRACE(nameOf(element) + " " + std::to_string(tokens) + " x " + std::to_string(width) + ", " +
                                 std::to_string(outputs) + " orders");
                    Numbers numbers(31);
                    const std::int64_t stride = (width + 7) / 8 * 8 + 8;
                    Bits residual = numbers.elements(at(tokens * width), element, 3);
                    const Bits delta = numbers.elements(residual.size(), element, 3);
                    const std::vector<float> gain = numbers.floats(at(width), 2);
                    std::vector<std::int32_t> orders[3];
                    Bits out[3];
                    for (int o = 0; o < 3; ++o) {
                        orders[o] = numbers.order(width);
                        out[o].assign(at(tokens * stride), 0);
                    }
                    const auto there = send(residual), deltaThere = send(delta);
                    const auto gainThere = send(gain);
                    const auto first = send(orders[0]), second = send(orders[1]), third = send(orders[2]);
                    const auto outFirst = send(out[0]), outSecond = send(out[1]), outThird = send(out[2]);
                    const bool hasDelta = outputs != 1;
                    const auto params = [&](auto* r, const void* d, const float* g, const std::int32_t* a,
                                            const std::int32_t* b, const std::int32_t* c, void* x, void* y, void* z) {
                        return AddNormParams{r, hasDelta ? d : nullptr, g, outputs > 0 ? a : nullptr, x, stride,
                                             tokens, width, 1e-5f, element, outputs > 1 ? b : nullptr,
                                             outputs > 0 ? y : nullptr, outputs > 2 ? c : nullptr,
                                             outputs > 1 ? z : nullptr};
                    };
                    addNorm(params(there.data(), deltaThere.data(), gainThere.data(), first.data(), second.data(),
                                   third.data(), outFirst.data(), outSecond.data(), outThird.data()),
                            stream());
                    m_queue->wait();
                    addNormCpu(params(residual.data(), delta.data(), gain.data(), orders[0].data(), orders[1].data(),
                                      orders[2].data(), out[0].data(), out[1].data(), out[2].data()));
                    EXPECT_TRUE(there.read() == residual) << "the residual differs";
                    const Bits found[3] = {outFirst.read(), outSecond.read(), outThird.read()};
                    for (int o = 0; o < 3; ++o) {
                        const Worst worst = compareRows(found[o], out[o], element, stride, [&](double x) {
                            return twiceRoundedTolerance(element, x);
                        });
                        EXPECT_LE(worst.share(), 1) << "output " << o << ", " << worst.text();
                    }
                }
}

TEST_F(DecodeKernelsGpu, SiluMulMatchesItsTwin)
{
    for (const Element element : kElements)
        for (const int width : {8, 1536, 11008, 14336, 28672, 1001})
            for (const int tokens : {1, 64})
                for (const bool ordered : {false, true}) {
                    SCOPED_TRACE(nameOf(element) + " " + std::to_string(tokens) + " x " + std::to_string(width) +
                                 (ordered ? ", ordered" : ""));
                    Numbers numbers(32);
                    const Bits both = numbers.elements(at(2 * tokens * width), element, 12);
                    const std::vector<std::int32_t> order = numbers.order(width);
                    Bits out(at(tokens * (width + 8)), 0);
                    const auto there = send(both), outThere = send(out);
                    const auto orderThere = send(order);
                    siluMul({there.data(), there.data() + width, 2 * width, ordered ? orderThere.data() : nullptr,
                             outThere.data(), width + 8, tokens, width, element},
                            stream());
                    m_queue->wait();
                    siluMulCpu({both.data(), both.data() + width, 2 * width, ordered ? order.data() : nullptr,
                                out.data(), width + 8, tokens, width, element});
                    const Worst worst = compareRows(outThere.read(), out, element, width + 8, [&](double x) {
                        return twiceRoundedTolerance(element, x);
                    });
                    EXPECT_LE(worst.share(), 1) << worst.text();
                }
}

TEST_F(DecodeKernelsGpu, EmbedPermuteAndBiasMatchTheirTwins)
{
    for (const int width : {8, 576, 4096, 11008, 20002, 37}) {
        SCOPED_TRACE(width);
        Numbers numbers(33);
        const int tokens = 65;
        const Bits table = numbers.elements(at(100 * width), Element::F16);
        std::vector<std::int32_t> ids;
        for (int t = 0; t < tokens; ++t)
            ids.push_back(static_cast<std::int32_t>(numbers.bits() % 100));
        const std::vector<std::int32_t> order = numbers.order(width);
        const std::vector<float> bias = numbers.floats(at(width));
        Bits out(at(tokens * width)), permuted(out.size());
        const auto tableThere = send(table), outThere = send(out), permutedThere = send(permuted);
        const auto idsThere = send(ids), orderThere = send(order);
        const auto biasThere = send(bias);
        embed({tableThere.data(), idsThere.data(), outThere.data(), tokens, width, Element::F16}, stream());
        permute({outThere.data(), width, orderThere.data(), permutedThere.data(), width, tokens, width, Element::F16},
                stream());
        addBias({outThere.data(), width, biasThere.data(), tokens, width, Element::F16}, stream());
        m_queue->wait();
        embedCpu({table.data(), ids.data(), out.data(), tokens, width, Element::F16});
        permuteCpu({out.data(), width, order.data(), permuted.data(), width, tokens, width, Element::F16});
        addBiasCpu({out.data(), width, bias.data(), tokens, width, Element::F16});
        EXPECT_TRUE(outThere.read() == out) << "embeddings with a bias differ";
        EXPECT_TRUE(permutedThere.read() == permuted) << "permuted channels differ";
    }
}

// --- rotation -------------------------------------------------------------------------------------------------

TEST_F(DecodeKernelsGpu, HadamardMatchesItsTwin)
{
    for (const Element element : kElements)
        for (const auto& [width, denseOrder] : {std::pair{4096, 1}, {32768, 1}, {1, 1}, {8, 1}, {64, 1}, {256, 1},
                                                {512, 1}, {11008, 43}, {11008, 172}, {576, 36}, {1536, 12},
                                                {14336, 28}, {24576, 12}, {19, 19}, {38, 19}, {1024, 512}, {100, 25}})
            for (const int tokens : {1, 7, 64}) {
                if (width > 20000 && tokens > 7)
                    continue; // nothing new for it, and the twin takes its time
                const bool ordered = tokens != 7;
                SCOPED_TRACE(nameOf(element) + " " + std::to_string(tokens) + " x " + std::to_string(width) +
                             ", factor of order " + std::to_string(denseOrder) + (ordered ? ", ordered" : ""));
                Numbers numbers(34);
                const Bits x = numbers.elements(at(tokens * width), element);
                std::vector<float> factor = numbers.floats(at(denseOrder * denseOrder));
                for (float& value : factor)
                    value *= std::sqrt(3.0f / static_cast<float>(denseOrder));
                const std::vector<std::int32_t> order = numbers.order(width);
                std::vector<std::uint8_t> signs(at((width + 7) / 8));
                for (std::uint8_t& byte : signs)
                    byte = static_cast<std::uint8_t>(numbers.bits());
                Bits out(x.size());
                const auto xThere = send(x), outThere = send(out);
                const auto factorThere = send(factor);
                const auto orderThere = send(order);
                const auto signsThere = send(signs);
                const bool dense = denseOrder > 1;
                hadamard({xThere.data(), width, signsThere.data(), dense ? factorThere.data() : nullptr, denseOrder,
                          ordered ? orderThere.data() : nullptr, outThere.data(), width, tokens, width, element},
                         stream());
                m_queue->wait();
                hadamardCpu({x.data(), width, signs.data(), dense ? factor.data() : nullptr, denseOrder,
                             ordered ? order.data() : nullptr, out.data(), width, tokens, width, element});
                const double magnitude = std::sqrt(3.0 * width); // of Σ |x·q|: entries of q are about 1/√width
                const Worst worst = compareRows(outThere.read(), out, element, width, [&](double expected) {
                    return productTolerance(element, expected, magnitude);
                });
                EXPECT_LE(worst.share(), 1) << worst.text();
            }
}

// --- sampling -------------------------------------------------------------------------------------------------

TEST_F(DecodeKernelsGpu, SampleDrawsTheSameTokensAsItsTwin)
{
    struct Case {
        float temperature;
        int topK;
        float topP;
    };
    for (const auto& [sequences, vocab] : {std::pair{1, 1}, {3, 17}, {5, 8192}, {64, 32000}, {3, 49152}, {1, 256000},
                                           {256, 1000}})
        for (const Case& how : {Case{0, 0, 1}, Case{1, 0, 1}, Case{0.7f, 40, 1}, Case{1.3f, 0, 0.9f},
                                Case{1, 50, 0.5f}, Case{1, 1, 1}, Case{1e-6f, 0, 1}, Case{100, 100000, 0.99f}}) {
            SCOPED_TRACE(std::to_string(sequences) + " x " + std::to_string(vocab) + ", temperature " +
                         std::to_string(how.temperature) + ", top-k " + std::to_string(how.topK) + ", top-p " +
                         std::to_string(how.topP));
            Numbers numbers(35);
            std::vector<float> logits = numbers.floats(at(std::int64_t{sequences} * vocab), 8);
            for (std::size_t i = 0; i < logits.size(); i += 3)
                logits[i] = std::round(logits[i]); // ties, at the top too
            for (std::size_t i = 5; i < logits.size(); i += 97)
                logits[i] = i % 2 ? NAN : -INFINITY;
            if (sequences > 2)
                std::fill_n(logits.begin() + vocab, vocab, NAN);
            std::vector<std::int32_t> positions(at(sequences)), ids(at(sequences), -1), history(at(sequences * 12), -1);
            for (std::int32_t& position : positions)
                position = static_cast<std::int32_t>(numbers.bits() % 12);
            const auto logitsThere = send(logits);
            const auto positionsThere = send(positions), idsThere = send(ids), historyThere = send(history);
            const GpuBuffer workspace(sampleWorkspaceBytes(sequences, vocab));
            SampleParams params{logitsThere.data(), sequences, vocab, how.temperature, how.topK, how.topP, 1234,
                                positionsThere.data(), idsThere.data(), historyThere.data(), 12, workspace.data()};
            SampleParams twin{logits.data(), sequences, vocab, how.temperature, how.topK, how.topP, 1234,
                              positions.data(), ids.data(), history.data(), 12, nullptr};
            for (int step = 0; step < 2; ++step) {
                sample(params, stream());
                m_queue->wait();
                sampleCpu(twin);
                EXPECT_EQ(idsThere.read(), ids) << "step " << step;
                EXPECT_EQ(positionsThere.read(), positions) << "step " << step;
                EXPECT_TRUE(historyThere.read() == history) << "the history differs in step " << step;
            }
        }
}

// --- cuBLAS ---------------------------------------------------------------------------------------------------

TEST_F(DecodeKernelsGpu, DenseGemmMatchesItsTwinAndCanBeRecorded)
{
    try {
        prepareDenseGemm();
    } catch (const GpuError& error) {
        GTEST_SKIP() << "no cuBLAS: " << error.what();
    }
    for (const Element element : kElements)
        for (const bool floatOut : {false, true})
            for (const auto& [m, n, k] : {std::tuple{1, 576, 576}, {64, 1536, 576}, {7, 129, 320}, {257, 64, 4096}}) {
                SCOPED_TRACE(nameOf(element) + (floatOut ? " to float32, " : ", ") + std::to_string(m) + " x " +
                             std::to_string(n) + " x " + std::to_string(k));
                Numbers numbers(36);
                const std::int64_t xStride = k + 8, wStride = k + 16, yStride = n + 24;
                const Bits x = numbers.elements(at(m * xStride), element);
                const Bits w = numbers.elements(at(n * wStride), element);
                std::vector<std::uint8_t> y(at(m * yStride * (floatOut ? 4 : 2)), 0);
                const auto xThere = send(x), wThere = send(w);
                const auto yThere = send(y);
                GpuGraph::begin(stream());
                denseGemm({xThere.data(), xStride, wThere.data(), wStride, yThere.data(), yStride, m, n, k, element,
                           floatOut},
                          stream());
                const GpuGraph graph = GpuGraph::end(stream());
                graph.launch(stream());
                m_queue->wait();
                denseGemmCpu({x.data(), xStride, w.data(), wStride, y.data(), yStride, m, n, k, element, floatOut});
                const std::vector<std::uint8_t> found = yThere.read();
                const auto number = [&](const std::vector<std::uint8_t>& from, std::int64_t index) {
                    return floatOut ? double{reinterpret_cast<const float*>(from.data())[index]}
                                    : double{fromElement(
                                          reinterpret_cast<const std::uint16_t*>(from.data())[index], element)};
                };
                Worst worst;
                for (std::int64_t i = 0; i < m * yStride; ++i) { // terms are products of numbers of 1/2 on average
                    const double expected = number(y, i);
                    const double allowed = productTolerance(element, floatOut ? 0 : expected, k / 4.0);
                    worst.see(number(found, i), expected, allowed,
                              "row " + std::to_string(i / yStride) + " column " + std::to_string(i % yStride));
                }
                EXPECT_LE(worst.share(), 1) << worst.text();
            }
}

} // namespace
