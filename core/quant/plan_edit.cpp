// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/plan_edit.h"

#include "core/base/error.h"
#include "core/quant/plan.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <regex>
#include <system_error>

namespace eigenquant {
namespace {

constexpr std::size_t kMaxPattern = 1000; // a deeper pattern might exhaust the stack of std::regex
constexpr int kMaxGroupSize = 1 << 20;
constexpr std::size_t kNamesShown = 3;

std::string inQuotes(std::string_view text)
{
    return "\"" + std::string(text) + "\"";
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view spaces = " \t\r\n";
    const auto first = text.find_first_not_of(spaces);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

Error badValue(std::string_view key, std::string_view value, std::string expected)
{
    return Error::usage("not a value of this key")
        .field(std::string(key))
        .found(inQuotes(value))
        .expected(std::move(expected));
}

template <typename Number>
Number readNumber(std::string_view key, std::string_view value, Number low, Number high, const std::string& expected)
{
    Number number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || !(number >= low && number <= high))
        throw badValue(key, value, expected);
    return number;
}

bool readBool(std::string_view key, std::string_view value)
{
    if (value != "true" && value != "false")
        throw badValue(key, value, "true or false");
    return value == "true";
}

template <typename Value>
void setOnce(std::optional<Value>& member, std::string_view key, Value value)
{
    if (member)
        throw Error::usage("the rule says this twice").field(std::string(key));
    member = value;
}

void set(PlanRule& rule, std::string_view key, std::string_view value)
{
    if (key == "method")
        setOnce(rule.method, key, methodFromName(value));
    else if (key == "bits")
        setOnce(rule.bits, key, readNumber<double>(key, value, 1, kMaxBits, "1 to 8"));
    else if (key == "salient")
        setOnce(rule.salient, key, SalientBudget::parse(value));
    else if (key == "group_size")
        setOnce(rule.groupSize, key, readNumber<int>(key, value, 0, kMaxGroupSize, "0 to 1048576"));
    else if (key == "rounding")
        setOnce(rule.rounding, key, roundingFromName(value));
    else if (key == "symmetric")
        setOnce(rule.symmetric, key, readBool(key, value));
    else if (key == "locked")
        setOnce(rule.locked, key, readBool(key, value));
    else
        throw Error::usage("a rule has no such key")
            .found(inQuotes(key))
            .expected("method, bits, salient, group_size, rounding, symmetric or locked");
}

std::regex compiled(const std::string& pattern)
try {
    if (pattern.size() > kMaxPattern)
        throw Error::usage("the pattern is too long")
            .found(std::to_string(pattern.size()) + " characters")
            .expected("up to " + std::to_string(kMaxPattern));
    return std::regex(pattern, std::regex::ECMAScript | std::regex::optimize);
} catch (const std::regex_error& error) {
    throw Error::usage("not a regular expression").found(inQuotes(pattern)).hint(error.what());
}

void requireRoundingOf(const LinearPlan& linear)
{
    const bool makesUp = linear.rounding == Rounding::Gptq;
    const bool mustMakeUp = linear.method == Method::Gptq || linear.method == Method::Etq;
    const bool mustNot = linear.method == Method::Rtn || linear.method == Method::Cmpq;
    if (makesUp ? mustNot : mustMakeUp)
        throw Error::usage("this method does not round so")
            .field(linear.id.name())
            .found(std::string(name(linear.method)) + " with rounding " + std::string(name(linear.rounding)));
}

void takeMethod(LinearPlan& linear, Method method)
{
    if (linear.method == method)
        return;
    linear.method = method;
    linear.rounding = PlanOptions::of(method).rounding;
    linear.salient = keepsSalient(method) ? linear.salient : 0;
    linear.clip = linear.clip && method == Method::Awq;
    linear.activationOrder = linear.activationOrder && method == Method::Gptq;
}

void change(LinearPlan& linear, const PlanRule& rule, int channels)
{
    if (rule.method)
        takeMethod(linear, *rule.method);
    if (rule.rounding) {
        linear.rounding = *rule.rounding;
        requireRoundingOf(linear);
        linear.activationOrder = linear.activationOrder && linear.rounding == Rounding::Gptq;
    }
    if (rule.salient)
        linear.salient = rule.salient->count(channels);
    linear.bits = rule.bits.value_or(linear.bits);
    linear.groupSize = rule.groupSize.value_or(linear.groupSize);
    linear.symmetric = rule.symmetric.value_or(linear.symmetric);
    linear.locked = rule.locked.value_or(linear.locked);
}

std::string someNames(const Plan& plan)
{
    std::string names;
    for (std::size_t i = 0; i < std::min(kNamesShown, plan.linears.size()); ++i)
        names += plan.linears[i].id.name() + ", ";
    return plan.linears.empty() ? "no linear at all" : names + "… " + plan.linears.back().id.name();
}

void apply(Plan& plan, const PlanRule& rule, const ModelStatistics& statistics)
try {
    const std::regex pattern = compiled(rule.pattern);
    bool found = false;
    for (LinearPlan& linear : plan.linears) {
        if (!std::regex_match(linear.id.name(), pattern))
            continue;
        found = true;
        change(linear, rule, statistics.linear(linear.id).inFeatures);
    }
    if (!found)
        throw Error::usage("the pattern matches no linear")
            .found(inQuotes(rule.pattern))
            .expected("the whole name of at least one: " + someNames(plan));
} catch (const std::regex_error& error) {
    throw Error::usage("the pattern is too costly to match").found(inQuotes(rule.pattern)).hint(error.what());
}

} // namespace

PlanRule PlanRule::parse(std::string_view text)
{
    const auto colon = text.rfind(':');
    const std::string_view settings = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    PlanRule rule;
    rule.pattern = trimmed(text.substr(0, colon));
    if (rule.pattern.empty() || trimmed(settings).empty())
        throw Error::usage("not a rule").found(inQuotes(text)).expected("\"REGEX: key=value, key=value\"");
    compiled(rule.pattern);
    for (std::size_t start = 0; start <= settings.size();) {
        const std::size_t end = std::min(settings.find(',', start), settings.size());
        const std::string_view setting = trimmed(settings.substr(start, end - start));
        const auto equals = setting.find('=');
        if (equals == std::string_view::npos)
            throw Error::usage("not a setting").found(inQuotes(setting)).expected("key=value");
        set(rule, trimmed(setting.substr(0, equals)), trimmed(setting.substr(equals + 1)));
        start = end + 1;
    }
    return rule;
}

void applyRules(Plan& plan, const std::vector<PlanRule>& rules, const ModelStatistics& statistics)
{
    if (rules.empty())
        return;
    Plan changed = plan;
    validatePlan(changed, statistics); // the plan must be of this model before its linears can be looked up
    for (const PlanRule& rule : rules)
        apply(changed, rule, statistics);
    validatePlan(changed, statistics);
    predict(changed, statistics);
    plan = std::move(changed);
}

void applyRules(Plan& plan, const std::vector<std::string>& rules, const ModelStatistics& statistics)
{
    std::vector<PlanRule> parsed;
    std::transform(rules.begin(), rules.end(), std::back_inserter(parsed), PlanRule::parse);
    applyRules(plan, parsed, statistics);
    plan.options.rules.insert(plan.options.rules.end(), rules.begin(), rules.end());
}

} // namespace eigenquant
