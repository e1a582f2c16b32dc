// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/session/session_test.h"

namespace eigenquant::test {

std::unique_ptr<SessionTest::Shared> SessionTest::shared;

void SessionTest::SetUpTestSuite()
{
    shared = std::make_unique<Shared>();
    shared->model = writeTinyModel(shared->folder / "model", {.layers = 2, .tied = true});
    shared->calibration = shared->folder.write("calibration.txt", tinyText(4000, 1));
    shared->check = shared->folder.write("check.txt", tinyText(3000, 2));
    shared->stats = shared->folder / "model.stats";
    const auto session = ModelSession::open(shared->model.string(), cpu());
    AnalyzeOptions options;
    options.text = {shared->calibration, 64, 6};
    options.out = shared->stats;
    shared->statistics = session->analyze(options, {});
}

void SessionTest::TearDownTestSuite()
{
    shared.reset();
}

PlanOptions SessionTest::rosaq(int bits)
{
    PlanOptions options;
    options.bits = bits;
    options.groupSize = 16;
    options.salient = SalientBudget::parse("1/8");
    return options;
}

std::filesystem::path SessionTest::quantize(const PlanOptions& options, const std::string& name, QuantizeResult* result)
{
    QuantizeOptions target;
    target.out = folder / name;
    const QuantizeResult found = open()->quantize(shared->stats, makePlan(*shared->statistics, options), target, {});
    if (result)
        *result = found;
    return target.out;
}

} // namespace eigenquant::test
