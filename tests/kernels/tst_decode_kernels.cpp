// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/decode/attention_split.h"
#include "kernels/decode/decode_kernels_cpu.h"
#include "kernels/decode/hadamard_plan.h"
#include "kernels/decode/sampling.h"
#include "tests/kernels/decode_cases.h"
#include "tests/kernels/tolerance.h"

#include <gtest/gtest.h>

#include <array>

using namespace eigenquant;
using namespace eigenquant::kernels;
using namespace eigenquant::tests;

namespace {

constexpr Element kElements[] = {Element::F16, Element::BF16};

std::size_t at(std::int64_t index)
{
    return static_cast<std::size_t>(index);
}

// --- attention ------------------------------------------------------------------------------------------------

/// Keys and values of one sequence and KV head as doubles, [position][dim], read from a cache.
struct Past {
    std::vector<std::vector<double>> keys, values;
};

Past pastOf(const AttentionData& data, int sequence, int kvHead)
{
    const AttentionCase& shape = data.shape;
    const auto read = [&](const std::vector<std::uint8_t>& side, const std::vector<float>& scales, int position) {
        const std::size_t row = at((std::int64_t{sequence} * shape.kvHeads + kvHead) * shape.capacity + position);
        std::vector<double> head;
        for (std::size_t i = 0; i < at(shape.headDim); ++i) {
            const std::size_t index = row * at(shape.headDim) + i;
            if (shape.type == KvType::Int8)
                head.push_back(static_cast<std::int8_t>(side[index]) * double{scales[row]});
            else
                head.push_back(fromElement(static_cast<std::uint16_t>(side[2 * index] | side[2 * index + 1] << 8),
                                           shape.element));
        }
        return head;
    };
    Past past;
    for (int position = 0; position < data.positions[at(sequence)]; ++position) {
        past.keys.push_back(read(data.keys, data.keyScales, position));
        past.values.push_back(read(data.values, data.valueScales, position));
    }
    return past;
}

/// Head `head` of a token's row, as doubles, rotated by complex multiplication if it is a query or a key.
std::vector<double> newHead(const AttentionData& data, int sequence, int token, int head, bool rotate)
{
    const AttentionCase& shape = data.shape;
    const std::int64_t row = std::int64_t{sequence} * shape.tokens + token;
    std::vector<double> values;
    for (int i = 0; i < shape.headDim; ++i)
        values.push_back(
            fromElement(data.qkv[at(row * data.stride + std::int64_t{head} * shape.headDim + i)], shape.element));
    const std::size_t half = values.size() / 2;
    for (std::size_t i = 0; rotate && i < half; ++i) {
        const double angle = (data.positions[at(sequence)] + token) *
                             std::pow(10000.0, -2.0 * static_cast<double>(i) / shape.headDim);
        const double x = values[i], y = values[i + half];
        values[i] = x * std::cos(angle) - y * std::sin(angle);
        values[i + half] = y * std::cos(angle) + x * std::sin(angle);
    }
    return values;
}

/// Softmax attention in double, nothing rounded.
std::vector<double> exactAttention(const std::vector<double>& query, const Past& past, std::size_t count)
{
    std::vector<double> out(query.size(), 0.0), weights;
    double sum = 0;
    for (std::size_t key = 0; key < count; ++key) {
        const double dot = std::inner_product(query.begin(), query.end(), past.keys[key].begin(), 0.0);
        weights.push_back(std::exp(dot / std::sqrt(static_cast<double>(query.size()))));
        sum += weights.back();
    }
    for (std::size_t key = 0; key < count; ++key)
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] += weights[key] / sum * past.values[key][i];
    return out;
}

TEST(AttentionTwin, MatchesTheFormulaInDoublePrecision)
{
    for (const AttentionCase& shape : attentionCases()) {
        if (shape.longest > 400 || shape.sequences > 9)
            continue; // the formula takes its time, and the twin has no paths that depend on the length
        SCOPED_TRACE(shape.name());
        AttentionData data(shape, 7);
        std::vector<Past> pasts;
        for (int s = 0; s < shape.sequences; ++s)
            for (int h = 0; h < shape.kvHeads; ++h) {
                pasts.push_back(pastOf(data, s, h));
                for (int t = 0; t < shape.tokens; ++t) {
                    pasts.back().keys.push_back(newHead(data, s, t, shape.heads + h, true));
                    pasts.back().values.push_back(newHead(data, s, t, shape.heads + shape.kvHeads + h, false));
                }
            }
        attentionCpu(data.params());
        // Inputs are rounded a few times on their way into the softmax, and INT8 codes are coarse.
        const double unit = shape.element == Element::F16 ? 0x1p-10 : 0x1p-7;
        const double allowed = 16 * unit + (shape.type == KvType::Int8 ? 0.06 : 0.0);
        double worst = 0;
        std::string where;
        for (int s = 0; s < shape.sequences; ++s)
            for (int t = 0; t < shape.tokens; ++t)
                for (int h = 0; h < shape.heads; ++h) {
                    const Past& past = pasts[at(s * shape.kvHeads + h / (shape.heads / shape.kvHeads))];
                    const std::vector<double> expected = exactAttention(
                        newHead(data, s, t, h, true), past, at(data.positions[at(s)] + t + 1));
                    for (int i = 0; i < shape.headDim; ++i) {
                        const std::int64_t index =
                            (std::int64_t{s} * shape.tokens + t) * data.outStride + h * shape.headDim + i;
                        const double error =
                            std::fabs(fromElement(data.out[at(index)], shape.element) - expected[at(i)]);
                        if (!(error <= worst)) {
                            worst = error;
                            where = "sequence " + std::to_string(s) + " token " + std::to_string(t) + " head " +
                                    std::to_string(h) + " dim " + std::to_string(i);
                        }
                    }
                }
        EXPECT_LE(worst, allowed) << where;
    }
}

TEST(AttentionTwin, OneStepAtATimeIsWhatAPrefillDoes)
{
    for (const KvType type : {KvType::Same, KvType::Int8}) {
        AttentionData together({1, 5, 4, 2, 64, 32, {3}, 32, type, Element::F16}, 3);
        AttentionData single = together;
        attentionCpu(together.params());
        for (int token = 0; token < 5; ++token) {
            AttentionParams params = single.params();
            params.tokens = 1;
            params.qkv = single.qkv.data() + token * single.stride;
            params.out = single.out.data() + token * single.outStride;
            attentionCpu(params);
            ++single.positions[0];
        }
        EXPECT_EQ(together.out, single.out);
        EXPECT_EQ(together.keys, single.keys);
        EXPECT_EQ(together.values, single.values);
    }
}

TEST(AttentionTwin, PutsTheSameBitsInOtherPlaces)
{
    for (const int tokens : {1, 3}) {
        AttentionData data({2, tokens, 4, 2, 64, 32, {3, 9}, 32, KvType::Same, Element::F16}, 5);
        AttentionParams params = data.params();
        attentionCpu(params);
        const Bits natural = data.out;
        const std::vector<std::int32_t> places = Numbers(6).order(4 * 64);
        params.places = places.data();
        attentionCpu(params);
        EXPECT_NE(data.out, natural);
        EXPECT_EQ(misplaced(data, natural, data.out, places), "");
    }
}

TEST(AttentionTwin, WritesNothingOutsideTheCache)
{
    AttentionData data({2, 3, 2, 1, 32, 8, {7, 30}, 8, KvType::Same, Element::F16}, 4);
    const auto before = data.keys;
    attentionCpu(data.params());
    EXPECT_NE(data.keys, before);
    // Of the second sequence, which is beyond its capacity, nothing changes.
    EXPECT_TRUE(std::equal(before.begin() + before.size() / 2, before.end(), data.keys.begin() + before.size() / 2));
}

TEST(AttentionSplit, CoversAllKeysOnceWithinTheWorkspace)
{
    for (const int multiprocessors : {1, 108, 132})
        for (const int items : {1, 3, 8, 32, 300, 2048, 8192})
            for (const int longest : {1, 64, 65, 1000, 32768}) {
                const int splits = decodeSplits(items, longest, multiprocessors);
                ASSERT_GE(splits, 1);
                ASSERT_LE(splits, kMostSplits);
                if (splits > 1) {
                    EXPECT_LE(static_cast<std::size_t>(items) * at(splits),
                              attentionWorkspace(128, multiprocessors).parts);
                }
                for (int keys = 0; keys <= longest; keys += std::max(1, longest / 7)) {
                    const int share = splitKeys(keys, splits);
                    EXPECT_EQ(share % kTileKeys, 0);
                    EXPECT_GE(std::int64_t{share} * splits, keys)
                        << items << " items, " << keys << " keys of " << longest;
                }
            }
    EXPECT_EQ(decodeSplits(32, 1024, 132), 16);
    EXPECT_EQ(decodeSplits(2048, 1024, 132), 1);
    EXPECT_EQ(queryTiles(1), (QueryTiles{1, 1}));
    EXPECT_EQ(queryTiles(9), (QueryTiles{2, 1}));
    EXPECT_EQ(queryTiles(71), (QueryTiles{2, 5}));
}

// --- norms and gating -----------------------------------------------------------------------------------------

TEST(AddNormTwin, MatchesTheFormulaAndPutsChannelsInOrder)
{
    for (const Element element : kElements) {
        Numbers numbers(11);
        const int tokens = 3, width = 52;
        const Bits before = numbers.elements(at(tokens * width), element, 3);
        const Bits delta = numbers.elements(before.size(), element, 3);
        const std::vector<float> gain = numbers.floats(at(width), 2);
        const std::vector<std::int32_t> order = numbers.order(width), third = numbers.order(width);
        Bits residual = before, out(at(tokens * 60), 0), second = out, last = out;
        AddNormParams params{residual.data(), delta.data(), gain.data(), order.data(), out.data(), 60,
                             tokens,          width,        1e-5f,       element,      nullptr,    second.data(),
                             third.data(),    last.data()};
        addNormCpu(params);
        for (int t = 0; t < tokens; ++t) {
            double squares = 0;
            for (int i = 0; i < width; ++i) {
                const std::size_t index = at(t * width + i);
                const float sum = fromElement(before[index], element) + fromElement(delta[index], element);
                EXPECT_EQ(residual[index], toElement(sum, element));
                squares += std::pow(fromElement(residual[index], element), 2);
            }
            for (int j = 0; j < width; ++j) {
                const int channel = order[at(j)];
                const double expected = fromElement(residual[at(t * width + channel)], element) /
                                        std::sqrt(squares / width + 1e-5) * gain[at(channel)];
                EXPECT_NEAR(fromElement(out[at(t * 60 + j)], element), expected,
                            twiceRoundedTolerance(element, expected))
                    << "token " << t << " channel " << channel;
                EXPECT_EQ(out[at(t * 60 + j)], second[at(t * 60 + channel)]);
                EXPECT_EQ(last[at(t * 60 + j)], second[at(t * 60 + third[at(j)])]);
            }
        }
    }
}

TEST(SiluMulTwin, MatchesTheFormula)
{
    for (const Element element : kElements) {
        Numbers numbers(12);
        const int tokens = 2, width = 30;
        const Bits both = numbers.elements(at(tokens * 2 * width), element, 8);
        const std::vector<std::int32_t> order = numbers.order(width);
        Bits out(at(tokens * width));
        siluMulCpu({both.data(), both.data() + width, 2 * width, order.data(), out.data(), width, tokens, width,
                    element});
        for (int t = 0; t < tokens; ++t)
            for (int j = 0; j < width; ++j) {
                const double gate = fromElement(both[at(2 * t * width + order[at(j)])], element);
                const double up = fromElement(both[at((2 * t + 1) * width + order[at(j)])], element);
                const double expected = gate / (1 + std::exp(-gate)) * up;
                EXPECT_NEAR(fromElement(out[at(t * width + j)], element), expected,
                            twiceRoundedTolerance(element, expected));
            }
    }
}

TEST(PointwiseTwins, EmbedPermuteAndBias)
{
    Numbers numbers(13);
    const Bits table = numbers.elements(7 * 5, Element::F16);
    const std::vector<std::int32_t> ids{6, 0, 3}, order = numbers.order(5);
    Bits out(15), permuted(15);
    embedCpu({table.data(), ids.data(), out.data(), 3, 5, Element::F16});
    permuteCpu({out.data(), 5, order.data(), permuted.data(), 5, 3, 5, Element::F16});
    const std::vector<float> bias = numbers.floats(5);
    Bits biased = out;
    addBiasCpu({biased.data(), 5, bias.data(), 3, 5, Element::F16});
    for (std::size_t t = 0; t < 3; ++t)
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_EQ(out[5 * t + i], table[5 * at(ids[t]) + i]);
            EXPECT_EQ(permuted[5 * t + i], out[5 * t + at(order[i])]);
            EXPECT_EQ(biased[5 * t + i], toF16(fromF16(out[5 * t + i]) + bias[i]));
        }
}

TEST(DenseGemmTwin, IsXTimesWTransposed)
{
    Numbers numbers(14);
    const Bits x = numbers.elements(3 * 8, Element::BF16), w = numbers.elements(4 * 9, Element::BF16);
    std::vector<float> y(3 * 6, -1.0f);
    denseGemmCpu({x.data(), 8, w.data(), 9, y.data(), 6, 3, 4, 7, Element::BF16, true});
    for (std::size_t m = 0; m < 3; ++m) {
        for (std::size_t n = 0; n < 4; ++n) {
            double sum = 0;
            for (std::size_t k = 0; k < 7; ++k)
                sum += double{fromBf16(x[8 * m + k])} * double{fromBf16(w[9 * n + k])};
            EXPECT_NEAR(y[6 * m + n], sum, 1e-5);
        }
        EXPECT_EQ(y[6 * m + 4], -1.0f); // beyond n
    }
}

// --- rotation -------------------------------------------------------------------------------------------------

/// Entry (i, j) of Sylvester's Hadamard matrix.
int sylvester(int i, int j)
{
    int parity = 0;
    for (int both = i & j; both; both &= both - 1)
        parity ^= 1;
    return parity ? -1 : 1;
}

TEST(HadamardTwin, IsTheMatrixProduct)
{
    for (const auto& [order, power] : {std::pair{1, 64}, {3, 16}, {12, 8}, {5, 1}, {1, 1}, {7, 4}}) {
        SCOPED_TRACE(std::to_string(order) + " x " + std::to_string(power));
        Numbers numbers(15);
        const int width = order * power, tokens = 2;
        const Bits x = numbers.elements(at(tokens * width), Element::F16);
        const std::vector<float> factor = numbers.floats(at(order * order));
        const std::vector<std::int32_t> channels = numbers.order(width);
        std::vector<std::uint8_t> signs(at((width + 7) / 8));
        for (std::uint8_t& byte : signs)
            byte = static_cast<std::uint8_t>(numbers.bits());
        Bits out(x.size());
        hadamardCpu({x.data(), width, signs.data(), order == 1 ? nullptr : factor.data(), order, channels.data(),
                     out.data(), width, tokens, width, Element::F16});
        for (int t = 0; t < tokens; ++t)
            for (int j = 0; j < width; ++j) {
                const int channel = channels[at(j)];
                double expected = 0, magnitude = 0;
                for (int i = 0; i < width; ++i) {
                    const double sign = signs[at(i / 8)] >> (i % 8) & 1 ? -1 : 1;
                    const double a = order == 1 ? 1 : factor[at(i / power * order + channel / power)];
                    const double term = sign * fromF16(x[at(t * width + i)]) * a *
                                        sylvester(i % power, channel % power) / std::sqrt(power);
                    expected += term;
                    magnitude += std::fabs(term);
                }
                EXPECT_NEAR(fromF16(out[at(t * width + j)]), expected,
                            productTolerance(Element::F16, expected, magnitude))
                    << "token " << t << " channel " << channel;
            }
    }
}

TEST(HadamardPlan, CoversAllRowsWithinSharedMemory)
{
    for (const auto& [width, order] : {std::pair{4096, 1}, {11008, 43}, {11008, 172}, {32768, 1}, {24576, 12},
                                       {576, 36}, {1536, 12}, {14336, 28}, {512, 512}, {19, 19}, {32752, 2047 / 2}})
        for (const int tokens : {1, 2, 64, 4096})
            for (const int multiprocessors : {108, 132}) {
                const HadamardPlan plan = hadamardPlan(tokens, width, order, multiprocessors);
                SCOPED_TRACE(std::to_string(width) + " of order " + std::to_string(order) + ", " +
                             std::to_string(tokens) + " tokens");
                EXPECT_GE(plan.rows * plan.blocks, order);
                EXPECT_LT(plan.rows * (plan.blocks - 1), order);
                EXPECT_LE(plan.sharedBytes(), std::size_t{163} << 10); // of a GPU of compute capability 8.0
                EXPECT_EQ(plan.threads % 32, 0);
                EXPECT_EQ((plan.inputBytes + plan.factorBytes) % 16, 0u);
            }
}

// --- sampling -------------------------------------------------------------------------------------------------

SampleParams sampling(const std::vector<float>& logits, int sequences, std::vector<std::int32_t>& positions,
                      std::vector<std::int32_t>& ids)
{
    SampleParams params{};
    params.logits = logits.data();
    params.sequences = sequences;
    params.vocab = static_cast<int>(logits.size()) / sequences;
    params.topP = 1;
    params.positions = positions.data();
    params.ids = ids.data();
    return params;
}

TEST(SampleTwin, GreedyTakesTheLowestIdOfTheLargest)
{
    const std::vector<float> logits{1, 5, 5, NAN, NAN, NAN, NAN, NAN, -INFINITY, NAN, -0.0f, 0};
    std::vector<std::int32_t> positions{3, 8, 0}, ids(3), history(3 * 6, -1);
    SampleParams params = sampling(logits, 3, positions, ids);
    params.history = history.data();
    params.historyStride = 6;
    sampleCpu(params);
    EXPECT_EQ(ids, (std::vector<std::int32_t>{1, 0, 2}));
    EXPECT_EQ(positions, (std::vector<std::int32_t>{4, 9, 1}));
    EXPECT_EQ(history[4], 1);
    EXPECT_EQ(history[13], 2);
    EXPECT_EQ(std::count(history.begin(), history.end(), -1), 16); // position 9 is beyond the second row
}

TEST(SampleTwin, DrawsByProbability)
{
    const std::vector<float> logits{std::log(0.5f), std::log(0.3f), NAN, std::log(0.2f)};
    std::array<int, 4> drawn{}, top2{}, top70{}, hot{};
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        std::vector<std::int32_t> positions{0}, ids(1);
        SampleParams params = sampling(logits, 1, positions, ids);
        params.seed = seed;
        const auto draw = [&](float temperature, int topK, float topP) {
            params.temperature = temperature;
            params.topK = topK;
            params.topP = topP;
            sampleCpu(params);
            return at(ids[0]);
        };
        ++drawn[draw(1, 0, 1)];
        ++top2[draw(1, 2, 1)];
        ++top70[draw(1, 0, 0.7f)];
        ++hot[draw(1e6f, 0, 1)];
    }
    // Four standard deviations of a count are about 126.
    EXPECT_NEAR(drawn[0], 2000, 130);
    EXPECT_NEAR(drawn[1], 1200, 130);
    EXPECT_NEAR(drawn[3], 800, 130);
    EXPECT_EQ(drawn[2], 0);
    EXPECT_NEAR(top2[0], 2500, 130);
    EXPECT_EQ(top2[3], 0);
    EXPECT_NEAR(top70[0], 2500, 130); // 0.5 is not 0.7 yet, so that 0.3 is in
    EXPECT_EQ(top70[3], 0);
    EXPECT_NEAR(hot[3], 1333, 130);
}

TEST(SampleTwin, DependsOnSeedSequenceAndPositionAlone)
{
    Numbers numbers(16);
    std::vector<float> row = numbers.floats(1000), logits = row;
    logits.insert(logits.end(), row.begin(), row.end());
    std::vector<std::int32_t> positions{5, 5}, ids(2), again{5}, id(1);
    SampleParams both = sampling(logits, 2, positions, ids);
    both.temperature = 1;
    both.seed = 99;
    sampleCpu(both);
    SampleParams one = sampling(row, 1, again, id);
    one.temperature = 1;
    one.seed = 99;
    sampleCpu(one);
    EXPECT_EQ(ids[0], id[0]);
    EXPECT_NE(ids[0], ids[1]); // by chance one in a thousand; these numbers are fixed
    sampleCpu(one);
    EXPECT_NE(ids[0], id[0]);
}

TEST(Sampling, NumbersAreWhatTheyAreSaidToBe)
{
    EXPECT_EQ(randomBits(0, 0, 0), 0xe169c58d6627e8d5ull); // the published vector of an all-zero counter and key
    for (const float x : {-3.5f, -1e-30f, 0.0f, 1e-30f, 2.0f, 3e38f})
        EXPECT_EQ(logitOfKey(logitKey(x)), x);
    EXPECT_LT(logitKey(-1), logitKey(-0.5f));
    EXPECT_LT(logitKey(-0.5f), logitKey(0));
    EXPECT_EQ(logitKey(-0.0f), logitKey(0));
    EXPECT_LT(logitKey(NAN), logitKey(-INFINITY));
    EXPECT_EQ(logitKey(-INFINITY), kLeastNumberKey);
    for (float x = 0; x > -20; x -= 0.0137f) {
        const double expected = std::exp(static_cast<double>(x) / 0.7) * 0x1p40;
        EXPECT_NEAR(static_cast<double>(logitWeight(x + 2, 2, 0.7f)), expected, (3e-6 - 1e-6 * x) * expected + 1) << x;
    }
    EXPECT_EQ(logitWeight(INFINITY, INFINITY, 1), 1ull << 40);
    EXPECT_EQ(logitWeight(-INFINITY, 3, 1), 0u);
    EXPECT_EQ(logitWeight(NAN, 3, 1), 0u);
    EXPECT_EQ(belowTotal(~0ull, 1ull << 50), (1ull << 50) - 1);
    EXPECT_EQ(belowTotal(1ull << 63, 1000), 500u);
}

} // namespace
