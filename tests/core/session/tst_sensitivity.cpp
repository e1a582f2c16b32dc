// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/session/session_test.h"

#include "core/base/error.h"

namespace eigenquant::test {
namespace {

class Sensitivity : public SessionTest {
protected:
    /// A checkpoint of which only the linears of one layer are quantized; -1: of all.
    std::filesystem::path checkpoint(const std::string& name, int bits, int onlyLayer = -1)
    {
        Plan plan = makePlan(*shared->statistics, rosaq(bits));
        for (LinearPlan& linear : plan.linears)
            if (onlyLayer >= 0 && linear.id.layer != onlyLayer)
                linear.method = Method::Float;
        QuantizeOptions options;
        options.out = folder / name;
        open()->quantize(shared->stats, plan, options, {});
        return options.out;
    }

    ErrorCode refusal(const std::string& model, const std::filesystem::path& packed) const
    {
        try {
            ModelSession::open(model, cpu())->sensitivity(packed, check(), {});
        } catch (const Error& error) {
            EXPECT_FALSE(error.file().empty()) << error.what();
            return error.code();
        }
        ADD_FAILURE() << "was not refused";
        return ErrorCode::Internal;
    }
};

TEST_F(Sensitivity, MeasuresEveryLayerOnAndOff)
{
    const ModelSensitivity found = open()->sensitivity(checkpoint("coarse", 2), check(), {});
    ASSERT_EQ(found.layers.size(), 2u);
    EXPECT_EQ(found.tokensScored, 4 * 63);
    for (int layer = 0; layer < 2; ++layer) {
        const LayerSensitivity& now = found.layers[static_cast<std::size_t>(layer)];
        const LayerSensitivity& other = found.layers[static_cast<std::size_t>(1 - layer)];
        EXPECT_EQ(now.layer, layer);
        EXPECT_GT(now.on, 0);
        EXPECT_LT(now.off, found.all);
        EXPECT_EQ(now.off, other.on); // of two layers, all but one is the other
    }
    const ModelSensitivity fine = open()->sensitivity(checkpoint("fine", 6), check(), {});
    EXPECT_LT(fine.all, found.all / 20);
}

TEST_F(Sensitivity, FindsTheOneLayerThatIsQuantized)
{
    const ModelSensitivity found = open()->sensitivity(checkpoint("second", 2, 1), check(), {});
    // The first is FP16.
    EXPECT_LT(found.layers[0].on, 1e-4 * found.all);
    EXPECT_NEAR(found.layers[0].off, found.all, 0.01 * found.all);
    EXPECT_NEAR(found.layers[1].on, found.all, 0.01 * found.all);
    EXPECT_LT(found.layers[1].off, 1e-4 * found.all);
}

TEST_F(Sensitivity, RefusesWhatCannotBeMixed)
{
    const std::filesystem::path packed = checkpoint("packed", 4);
    EXPECT_EQ(refusal(shared->model.string(), shared->model), ErrorCode::Usage);
    EXPECT_EQ(refusal(packed.string(), packed), ErrorCode::Usage);
    const auto deeper = writeTinyModel(folder / "deeper", {.layers = 3, .tied = true});
    EXPECT_EQ(refusal(deeper.string(), packed), ErrorCode::Invalid);
}

TEST_F(Sensitivity, RefusesATurnedResidualStream)
{
    PlanOptions options = PlanOptions::of(Method::Rosaq, RotationScope::Global);
    options.groupSize = 16;
    EXPECT_EQ(refusal(shared->model.string(), quantize(options, "turned")), ErrorCode::Unsupported);
}

TEST_F(Sensitivity, StopsAtEveryReport)
{
    const std::filesystem::path packed = checkpoint("packed", 4);
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
            open()->sensitivity(packed, check(), context);
            finished = true;
            EXPECT_FALSE(stop.stop_requested());
        } catch (const Error& error) {
            ASSERT_TRUE(error.isCancelled()) << error.what();
        }
    }
    EXPECT_TRUE(finished);
    EXPECT_GT(at, 5);
}

} // namespace
} // namespace eigenquant::test
