// SPDX-License-Identifier: GPL-3.0-or-later
// Every method from plan to checkpoint: sizes as promised, the checkpoint and its export score alike, bits and K help.
#include "core/base/error.h"
#include "core/io/safetensors.h"
#include "core/io/text_file.h"
#include "tests/core/session/session_test.h"

namespace eigenquant::test {
namespace {

PlanOptions with(Method method, RotationScope scope, double bits)
{
    PlanOptions options = PlanOptions::of(method, scope);
    options.bits = bits;
    options.groupSize = 16;
    return options;
}

struct Case {
    const char* name;
    PlanOptions options;
};

std::vector<Case> everyMethod()
{
    const auto perSite = RotationScope::PerSite, global = RotationScope::Global;
    std::vector<Case> cases{{"rtn", with(Method::Rtn, perSite, 4)},
                            {"salient", with(Method::Salient, perSite, 4)},
                            {"gptq", with(Method::Gptq, perSite, 4)},
                            {"awq", with(Method::Awq, perSite, 4)},
                            {"randrot", with(Method::RandRot, perSite, 4)},
                            {"rosaq", with(Method::Rosaq, perSite, 4)},
                            {"cmpq", with(Method::Cmpq, perSite, 3.2)},
                            {"etq", with(Method::Etq, perSite, 3.3)},
                            {"rosaq-global", with(Method::Rosaq, global, 4)},
                            {"randrot-global", with(Method::RandRot, global, 4)},
                            {"etq-global", with(Method::Etq, global, 3.3)}};
    Case order{"gptq-order", with(Method::Gptq, perSite, 4)};
    order.options.activationOrder = true;
    Case clipped{"awq-clip", with(Method::Awq, perSite, 4)};
    clipped.options.clip = true;
    Case mixed{"rosaq-mix-gptq", with(Method::Rosaq, perSite, 4)};
    mixed.options.mixRest = true;
    mixed.options.rounding = Rounding::Gptq;
    Case salient{"salient-gptq", with(Method::Salient, perSite, 4)};
    salient.options.rounding = Rounding::Gptq;
    Case hadamard{"randrot-hadamard", with(Method::RandRot, global, 4)};
    hadamard.options.basis = RotationKind::Hadamard;
    hadamard.options.mlpOut = SiteTreatment::Full;
    cases.insert(cases.end(), {order, clipped, mixed, salient, hadamard});
    return cases;
}

class Methods : public SessionTest {
protected:
    double perplexityOf(const std::filesystem::path& model) const
    {
        return ModelSession::open(model.string(), cpu())->perplexity(check(), {}).perplexity;
    }
    Plan throughFile(const Plan& plan) const
    {
        savePlan(plan, folder / "plan.json", true);
        return loadPlan(folder / "plan.json");
    }
};

TEST_F(Methods, CheckpointsHaveTheirSizeAndScoreAsTheirExports)
{
    for (const auto& [name, options] : everyMethod()) {
        SCOPED_TRACE(name);
        QuantizeResult result;
        const auto packed = quantize(options, name, &result);
        const Plan plan = makePlan(*shared->statistics, options);
        EXPECT_EQ(result.bytes, plan.totals.bytes);
        std::uint64_t stored = 0;
        const auto store = SafetensorsStore::openFile(packed / "model.safetensors");
        for (const StoredTensor& tensor : store->tensors())
            if (tensor.name.starts_with("layers.") && !tensor.name.ends_with("_norm") &&
                !tensor.name.ends_with(".bias"))
                stored += tensor.bytes.size();
        EXPECT_EQ(stored, result.bytes);
        ExportOptions target;
        target.out = folder / ("hf-" + std::string(name));
        target.dtype = "f32";
        exportCheckpoint(packed, target, {});
        const double dense = perplexityOf(target.out);
        EXPECT_NEAR(perplexityOf(packed), dense, 1e-4 * dense);
    }
}

TEST_F(Methods, TheSameBytesAgainAndWithMoreThreads)
{
    for (const auto& [name, options] : everyMethod()) {
        SCOPED_TRACE(name);
        const auto once = quantize(options, std::string(name) + "-1");
        QuantizeOptions target;
        target.out = folder / (std::string(name) + "-2");
        const auto session = ModelSession::open(shared->model.string(), {"cpu", "f32", 2});
        session->quantize(shared->stats, makePlan(*shared->statistics, options), target, {});
        for (const char* file : {"model.safetensors", "manifest.json", "config.json"})
            EXPECT_EQ(readFile(once / file), readFile(target.out / file)) << file;
    }
}

TEST_F(Methods, MoreBitsAndMoreSalientChannelsNeverLeaveMoreError)
{
    const auto meanError = [&](const PlanOptions& options, const std::string& name) {
        QuantizeResult result;
        quantize(options, name, &result);
        double sum = 0;
        for (const LinearOutcome& linear : result.linears)
            sum += linear.outputError;
        return sum / static_cast<double>(result.linears.size());
    };
    for (const Method method : {Method::Gptq, Method::Awq, Method::RandRot, Method::Cmpq, Method::Etq}) {
        double previous = 1e9;
        for (const int bits : {2, 3, 4, 6}) {
            const double found = meanError(with(method, RotationScope::PerSite, bits),
                                           std::string(eigenquant::name(method)) + std::to_string(bits));
            EXPECT_LT(found, previous) << eigenquant::name(method) << " " << bits;
            previous = found;
        }
    }
    for (const RotationScope scope : {RotationScope::PerSite, RotationScope::Global}) {
        double previous = 1e9;
        for (const int k : {0, 8, 24, 64}) {
            PlanOptions options = with(Method::Rosaq, scope, 3);
            options.salient = {static_cast<double>(k), false};
            const double found = meanError(options, std::string(eigenquant::name(scope)) + std::to_string(k));
            EXPECT_LT(found, previous * 1.01) << eigenquant::name(scope) << " " << k;
            previous = found;
        }
    }
}

TEST_F(Methods, TargetBitsAreMetAndBetterThanUniform)
{
    for (const auto& [name, options] : everyMethod()) {
        if (options.method == Method::Awq || options.activationOrder)
            continue;
        SCOPED_TRACE(name);
        const Plan uniform = makePlan(*shared->statistics, options);
        PlanOptions target = options;
        target.targetBits = uniform.totals.effectiveBits;
        const Plan spread = makePlan(*shared->statistics, target);
        EXPECT_LE(spread.totals.effectiveBits, target.targetBits);
        EXPECT_LE(spread.totals.predictedKl, uniform.totals.predictedKl * 1.0001);
        EXPECT_EQ(planToJson(throughFile(spread)), planToJson(spread));
    }
}

TEST_F(Methods, LockedLinearsKeepTheirSettings)
{
    Plan plan = makePlan(*shared->statistics, with(Method::Rtn, RotationScope::PerSite, 4));
    plan.linear({0, LinearRole::Down}).bits = 8;
    plan.linear({0, LinearRole::Down}).locked = true;
    allocateBits(plan, *shared->statistics, plan.totals.effectiveBits);
    EXPECT_EQ(plan.linear({0, LinearRole::Down}).bits, 8);
    EXPECT_EQ(plan.linear({0, LinearRole::Q}).bits, plan.linear({0, LinearRole::V}).bits) << "q, k and v share theirs";
}

TEST_F(Methods, ImpossibleTargetsNameTheLeastAndTheMost)
{
    for (const double target : {0.6, 40.0})
        try {
            PlanOptions options = with(Method::Rtn, RotationScope::PerSite, 4);
            options.targetBits = target;
            makePlan(*shared->statistics, options);
            FAIL() << target;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Usage);
            EXPECT_NE(error.expected().find(" to "), std::string::npos) << error.what();
        }
}

TEST_F(Methods, ATurnedResidualStreamIsAllOrNothing)
{
    Plan plan = makePlan(*shared->statistics, with(Method::Rosaq, RotationScope::Global, 4));
    plan.site({1, Site::MlpIn}).basis = Basis::Original;
    EXPECT_THROW(validatePlan(plan, *shared->statistics), Error);
    Plan other = makePlan(*shared->statistics, with(Method::Rosaq, RotationScope::PerSite, 4));
    other.site({0, Site::AttnIn}).basis = Basis::Global;
    EXPECT_THROW(validatePlan(other, *shared->statistics), Error);
}

} // namespace
} // namespace eigenquant::test
