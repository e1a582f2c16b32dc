// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "tests/core/session/session_test.h"

#include <functional>

namespace eigenquant::test {
namespace {

class PlanEditTest : public SessionTest {
protected:
    static Plan planWith(std::vector<std::string> rules, PlanOptions options = rosaq())
    {
        options.rules = std::move(rules);
        return makePlan(*shared->statistics, options);
    }
};

/// The whole message of the usage error that is thrown, or nothing.
std::string refusal(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Usage) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

std::string parseRefusal(const std::string& rule)
{
    return refusal([&] { PlanRule::parse(rule); });
}

bool says(const std::string& message, const std::string& word)
{
    return message.find(word) != std::string::npos;
}

TEST_F(PlanEditTest, TheWholeRuleIsRead)
{
    const PlanRule rule = PlanRule::parse(R"( (?:0|29)\..* :method=salient , bits=3,salient=1/8, group_size=32,)"
                                          "rounding=gptq, symmetric=true, locked=false");
    EXPECT_EQ(rule.pattern, R"((?:0|29)\..*)") << "the pattern may hold colons";
    EXPECT_EQ(rule.method, Method::Salient);
    EXPECT_EQ(rule.bits, 3);
    ASSERT_TRUE(rule.salient);
    EXPECT_EQ(rule.salient->count(64), 8);
    EXPECT_EQ(rule.groupSize, 32);
    EXPECT_EQ(rule.rounding, Rounding::Gptq);
    EXPECT_EQ(rule.symmetric, true);
    EXPECT_EQ(rule.locked, false);
    EXPECT_FALSE(PlanRule::parse(".*:bits=2").locked) << "what is not said is not changed";
}

TEST_F(PlanEditTest, RulesApplyInOrderToWholeNames)
{
    const Plan plain = planWith({});
    const Plan plan = planWith({R"(.*\.down: bits=8, salient=16, symmetric=true)", R"(1\..*: bits=3)"});
    EXPECT_EQ(plan.linear({0, LinearRole::Down}).bits, 8);
    EXPECT_EQ(plan.linear({1, LinearRole::Down}).bits, 3) << "the later rule wins";
    EXPECT_EQ(plan.linear({1, LinearRole::Down}).salient, 16) << "and leaves what it does not say";
    EXPECT_TRUE(plan.linear({1, LinearRole::Down}).symmetric);
    EXPECT_EQ(plan.linear({0, LinearRole::Q}).bits, 4);
    EXPECT_EQ(plan.linear({1, LinearRole::Q}).bits, 3);
    EXPECT_GT(plan.linear({0, LinearRole::Down}).bytes, plain.linear({0, LinearRole::Down}).bytes);
    EXPECT_GT(plan.linear({1, LinearRole::Q}).predictedError, plain.linear({1, LinearRole::Q}).predictedError);
    EXPECT_NE(plan.totals.bytes, plain.totals.bytes);

    const Plan other = planWith({R"(1\..*: bits=3)", R"(.*\.down: bits=8)"});
    EXPECT_EQ(other.linear({1, LinearRole::Down}).bits, 8);
}

TEST_F(PlanEditTest, ANewMethodDropsWhatItHasNoUseFor)
{
    const Plan plan = planWith({R"(0\.(q|k|v): method=rtn)", R"(0\.o: method=gptq)", R"(1\.down: method=float)"});
    EXPECT_EQ(plan.linear({0, LinearRole::K}).method, Method::Rtn);
    EXPECT_EQ(plan.linear({0, LinearRole::K}).salient, 0);
    EXPECT_EQ(plan.linear({0, LinearRole::O}).rounding, Rounding::Gptq);
    EXPECT_EQ(plan.linear({1, LinearRole::Down}).predictedError, 0);
    EXPECT_GT(plan.linear({1, LinearRole::Q}).salient, 0);

    PlanOptions awq = PlanOptions::of(Method::Awq);
    awq.groupSize = 16;
    awq.clip = true;
    EXPECT_FALSE(planWith({R"(0\.q: method=rtn)"}, awq).linear({0, LinearRole::Q}).clip);
    PlanOptions gptq = PlanOptions::of(Method::Gptq);
    gptq.groupSize = 16;
    gptq.activationOrder = true;
    EXPECT_FALSE(planWith({R"(0\.q: method=rtn)"}, gptq).linear({0, LinearRole::Q}).activationOrder);
}

TEST_F(PlanEditTest, LocksHoldUnderATarget)
{
    PlanOptions options = PlanOptions::of(Method::Salient); // rotations of so small a model would take 12 bits
    options.groupSize = 0;
    options.targetBits = 6;
    const Plan free = planWith({}, options);
    const Plan plan = planWith({R"(.*\.down: bits=2, salient=0, locked=true)"}, options);
    for (const LinearPlan& linear : plan.linears) {
        EXPECT_EQ(linear.locked, linear.id.role == LinearRole::Down);
        if (linear.locked) {
            EXPECT_EQ(linear.bits, 2) << linear.id.name();
            EXPECT_EQ(linear.salient, 0) << linear.id.name();
        }
    }
    EXPECT_NE(free.linear({0, LinearRole::Down}).bits, 2);
    EXPECT_LE(plan.totals.effectiveBits, 6);
    EXPECT_GT(plan.totals.effectiveBits, 5) << "the others take what the locked ones leave";
}

TEST_F(PlanEditTest, RulesThatCannotBeReadAreRefused)
{
    EXPECT_TRUE(says(parseRefusal("(0|1: bits=3"), "regular expression"));
    EXPECT_TRUE(says(parseRefusal(std::string(2000, '.') + ": bits=3"), "too long"));
    EXPECT_TRUE(says(parseRefusal(".*: width=3"), "width"));
    EXPECT_TRUE(says(parseRefusal(".*: bits=3, bits=4"), "twice"));
    EXPECT_TRUE(says(parseRefusal(".*: bits"), "key=value"));
    EXPECT_TRUE(says(parseRefusal(".*: bits=3,"), "key=value"));
    for (const char* value : {"9", "0.5", "nan", "3x", ""})
        EXPECT_TRUE(says(parseRefusal(std::string(".*: bits=") + value), "1 to 8")) << value;
    EXPECT_TRUE(says(parseRefusal(".*: group_size=-1"), "group_size"));
    EXPECT_TRUE(says(parseRefusal(".*: locked=yes"), "true or false"));
    EXPECT_TRUE(says(parseRefusal(".*: method=magic"), "magic"));
    EXPECT_TRUE(says(parseRefusal(".*: salient=-3"), "salient"));
    for (const char* text : {"", ".*", ".*:", ": bits=3", "bits=3"})
        EXPECT_TRUE(says(parseRefusal(text), "not a rule")) << text;
}

TEST_F(PlanEditTest, SettingsThatNoLinearCanTakeLeaveThePlanAsItWas)
{
    Plan plan = planWith({R"(0\.q: bits=3)"});
    const std::string before = planToJson(plan);
    const auto refused = [&](const std::string& rule) {
        const std::vector<std::string> rules{R"(1\.k: bits=2)", rule};
        return refusal([&] { applyRules(plan, rules, *shared->statistics); });
    };
    const std::string noMatch = refused("down: bits=3");
    EXPECT_TRUE(says(noMatch, "matches no linear") && says(noMatch, "0.q") && says(noMatch, "1.down")) << noMatch;
    EXPECT_TRUE(says(refused(R"(1\.up: bits=3.5)"), "1.up"));
    EXPECT_TRUE(says(refused(R"(1\.up: salient=65)"), "salient"));
    EXPECT_TRUE(says(refused(R"(1\.up: method=rtn, salient=8)"), "keeps no salient"));
    EXPECT_TRUE(says(refused(R"(1\.up: method=rtn, rounding=gptq)"), "round"));
    EXPECT_TRUE(says(refused(R"(1\.up: method=gptq, rounding=rtn)"), "round"));
    EXPECT_EQ(planToJson(plan), before);
}

TEST_F(PlanEditTest, RulesComeBackFromTheFile)
{
    const std::string first = R"(.*\.down: bits=8, locked=true)", second = R"(0\.q: method=rtn)";
    Plan plan = planWith({first});
    applyRules(plan, std::vector{second}, *shared->statistics);
    EXPECT_EQ(plan.options.rules, (std::vector{first, second}));
    const auto file = folder / "plan.json";
    savePlan(plan, file, false);
    const Plan back = loadPlan(file);
    EXPECT_EQ(back.options.rules, plan.options.rules);
    EXPECT_EQ(planToJson(back), planToJson(plan));
    EXPECT_EQ(planToJson(makePlan(*shared->statistics, back.options)), planToJson(plan)) << "the options make it again";

    std::string text = planToJson(plan);
    text.replace(text.find("bits=8"), 6, "bits=x");
    try {
        planFromJson(text, file);
        ADD_FAILURE() << "took a rule that cannot be read";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Invalid) << error.what();
    }
}

TEST_F(PlanEditTest, AnEditedPlanIsCarriedOut)
{
    PlanOptions options = rosaq();
    options.rules = {R"(.*\.(q|k): method=rtn, bits=8)", R"(1\.(gate|up): method=float)", R"(0\.o: method=awq)"};
    QuantizeResult result;
    quantize(options, "edited", &result);
    const Plan plan = makePlan(*shared->statistics, options);
    EXPECT_EQ(result.bytes, plan.totals.bytes);
    for (const LinearOutcome& linear : result.linears) {
        if (plan.linear(linear.id).method == Method::Float) {
            EXPECT_LT(linear.outputError, 1e-4) << linear.id.name();
        }
    }
}

} // namespace
} // namespace eigenquant::test
