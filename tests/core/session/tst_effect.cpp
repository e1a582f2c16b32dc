// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/session/session_test.h"

#include "core/base/error.h"

#include <algorithm>

namespace eigenquant::test {
namespace {

class Effect : public SessionTest {
protected:
    Plan plan(int bits) const { return makePlan(*shared->statistics, rosaq(bits)); }

    ErrorCode refusal(const std::shared_ptr<ModelSession>& session, const Plan& plan, int layer) const
    {
        try {
            session->effect(shared->stats, plan, layer, check(), {});
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << "was not refused";
        return ErrorCode::Internal;
    }
};

TEST_F(Effect, IsWhatSensitivityFindsOfTheWrittenCheckpoint)
{
    QuantizeResult made;
    const std::filesystem::path packed = quantize(rosaq(3), "packed", &made);
    const auto session = open();
    const ModelSensitivity expected = session->sensitivity(packed, check(), {});
    for (int layer = 0; layer < 2; ++layer) {
        const LayerEffect found = session->effect(shared->stats, plan(3), layer, check(), {});
        const double on = expected.layers[static_cast<std::size_t>(layer)].on;
        EXPECT_EQ(found.layer, layer);
        EXPECT_NEAR(found.kl, on, 1e-6 * on + 1e-12);
        ASSERT_EQ(found.linears.size(), kAllRoles.size());
        for (const LinearOutcome& linear : found.linears) {
            const auto same = std::ranges::find_if(made.linears, [&](const auto& l) { return l.id == linear.id; });
            ASSERT_NE(same, made.linears.end());
            EXPECT_EQ(linear.outputError, same->outputError) << linear.id.name();
            EXPECT_EQ(linear.effectiveBits, same->effectiveBits);
        }
        EXPECT_GT(found.outputError, 0);
        EXPECT_GT(found.sameTop, 0);
    }
}

TEST_F(Effect, ScoresTheTextAsPerplexityDoes)
{
    const auto session = open();
    const LayerEffect found = session->effect(shared->stats, plan(2), 0, check(), {});
    const PerplexityResult expected = session->perplexity(check(), {});
    EXPECT_NEAR(found.floatPerplexity, expected.perplexity, 1e-5 * expected.perplexity);
    EXPECT_EQ(found.perplexity.tokensScored, expected.tokensScored);
    EXPECT_EQ(found.perplexity.textHash, expected.textHash);
    EXPECT_NE(found.perplexity.perplexity, found.floatPerplexity);
}

TEST_F(Effect, FallsWithTheBitsAndIsTheSameAgain)
{
    const auto session = open();
    const LayerEffect coarse = session->effect(shared->stats, plan(2), 1, check(), {});
    const LayerEffect fine = session->effect(shared->stats, plan(6), 1, check(), {});
    EXPECT_LT(fine.kl, coarse.kl / 20);
    EXPECT_LT(fine.outputError, coarse.outputError / 20);
    // The kept states of the first call are those of a fresh session.
    const LayerEffect again = open()->effect(shared->stats, plan(6), 1, check(), {});
    EXPECT_EQ(again.kl, fine.kl);
    EXPECT_EQ(again.perplexity.perplexity, fine.perplexity.perplexity);
    // Another text is not answered with the states of the old one.
    const TextOptions other{shared->check, 32, 4};
    EXPECT_EQ(session->effect(shared->stats, plan(6), 1, other, {}).perplexity.context, 32);
}

TEST_F(Effect, RefusesWhatHasNoEffectOfItsOwn)
{
    const auto session = open();
    EXPECT_EQ(refusal(session, plan(4), 2), ErrorCode::Usage);
    EXPECT_EQ(refusal(session, plan(4), -1), ErrorCode::Usage);
    PlanOptions turned = PlanOptions::of(Method::Rosaq, RotationScope::Global);
    turned.groupSize = 16;
    EXPECT_EQ(refusal(session, makePlan(*shared->statistics, turned), 0), ErrorCode::Unsupported);
    Plan other = plan(4);
    other.statsFingerprint = "00000000000000000000000000000000";
    EXPECT_EQ(refusal(session, other, 0), ErrorCode::Invalid);
    const auto packed = quantize(rosaq(4), "packed");
    EXPECT_EQ(refusal(ModelSession::open(packed.string(), cpu()), plan(4), 0), ErrorCode::Usage);
    EXPECT_GT(session->effect(shared->stats, plan(4), 0, check(), {}).kl, 0) << "a refusal leaves the session usable";
}

TEST_F(Effect, StopsAtEveryReportAndGoesOnAfterwards)
{
    const auto session = open();
    bool finished = false;
    int at = 0;
    for (; !finished && at < 100; ++at) {
        std::stop_source stop;
        int reports = 0;
        const RunContext context{stop.get_token(), [&](const Progress&) {
                                     if (reports++ == at)
                                         stop.request_stop();
                                 }};
        try {
            session->effect(shared->stats, plan(4), 0, check(), context);
            finished = true;
        } catch (const Error& error) {
            ASSERT_TRUE(error.isCancelled()) << error.what();
        }
    }
    EXPECT_TRUE(finished);
    EXPECT_GT(at, 5);
}

TEST_F(Effect, BitsAreSpreadAlikeByAnAllocatorThatIsKept)
{
    const Plan start = plan(4);
    const BitAllocator allocator(start, *shared->statistics);
    for (const double share : {0.0, 0.3, 0.9, 1.0}) {
        const double target = allocator.leastBits() + share * (allocator.mostBits() - allocator.leastBits());
        Plan kept = start;
        allocator.spread(kept, *shared->statistics, target);
        EXPECT_LE(kept.totals.effectiveBits, target + 1e-9);
        Plan onward = kept; // from where the last spread left it
        allocator.spread(onward, *shared->statistics, target);
        EXPECT_EQ(planToJson(onward), planToJson(kept));
        Plan fresh = start;
        allocateBits(fresh, *shared->statistics, target);
        EXPECT_EQ(planToJson(fresh), planToJson(kept));
    }
    Plan kept = start;
    EXPECT_THROW(allocator.spread(kept, *shared->statistics, 0.1), Error);
    EXPECT_THROW(allocator.spread(kept, *shared->statistics, 40), Error);
    EXPECT_EQ(planToJson(kept), planToJson(start));
}

TEST_F(Effect, DifferencesNameWhatChanged)
{
    const Plan before = plan(4);
    Plan after = before;
    EXPECT_TRUE(differences(before, after).empty());
    after.linear({1, LinearRole::Gate}).bits = 3;
    after.linear({1, LinearRole::Gate}).salient += 8;
    after.site({0, Site::AttnIn}).basis = Basis::Original;
    const auto found = differences(before, after);
    ASSERT_EQ(found.size(), 4u); // q, k and v read the site
    EXPECT_EQ(found[0].settings(), std::vector<std::string>{"rotation"});
    EXPECT_EQ(found[3].after.id.name(), "1.gate");
    EXPECT_EQ(found[3].settings(), (std::vector<std::string>{"bits", "salient"}));
    Plan shorter = before;
    shorter.linears.pop_back();
    EXPECT_THROW(differences(before, shorter), Error);
}

TEST_F(Effect, MemoryIsLinearsEmbeddingAndCache)
{
    const Plan small = plan(4);
    const ModelInfo model = open()->info();
    const MemoryEstimate estimate = estimateMemory(small, model, 10);
    EXPECT_EQ(estimate.linears, small.totals.bytes);
    EXPECT_EQ(estimate.tokens, 10);
    EXPECT_EQ(estimate.cache, std::uint64_t{2} * 2 * 10 * model.layers * model.kvHeads * model.headDim);
    const std::uint64_t table = std::uint64_t{2} * model.vocabSize * model.hiddenSize;
    const std::uint64_t norms = std::uint64_t{4} * (2 * model.layers + 1) * model.hiddenSize;
    EXPECT_EQ(estimate.outer, table * (model.tiedEmbeddings ? 1 : 2) + norms);
    EXPECT_LE(estimateMemory(small, model).tokens, model.contextLength > 0 ? model.contextLength : 2048);
}

} // namespace
} // namespace eigenquant::test
