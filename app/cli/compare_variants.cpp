// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/compare_variants.h"

#include "app/cli/parse.h"
#include "app/cli/plan_flags.h"
#include "core/base/error.h"
#include "core/session/files.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace eigenquant::cli {

namespace {

/// A flag of the grid with one of its values.
using Setting = std::pair<std::string, std::string>;

std::vector<std::string> listOf(const std::string& flag, const std::string& text)
{
    std::vector<std::string> values;
    std::istringstream stream(text);
    for (std::string value; std::getline(stream, value, ',');) {
        if (value.empty() || value.find_first_of(" \t") != std::string::npos)
            throw Error::usage("not a list of values with commas between them")
                .field(flag)
                .found("\"" + text + "\"");
        values.push_back(value);
    }
    if (!text.empty() && text.back() == ',')
        throw Error::usage("the list ends with a comma").field(flag).found("\"" + text + "\"");
    return values;
}

std::vector<std::string> wordsOf(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

/// "rosaq 4 g64, salient 1/32, mix-rest": bits and group size where everybody looks for them, then the other words
/// without their dashes.
std::string nameOf(const std::vector<std::string>& words)
{
    std::string method, bits, group, others;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const bool hasValue = i + 1 < words.size();
        if (word == "--method" && hasValue)
            method = words[++i];
        else if (word == "--bits" && hasValue)
            bits = " " + words[++i];
        else if (word == "--group-size" && hasValue)
            group = " g" + words[++i];
        else if (word.starts_with("--"))
            others += ", " + word.substr(2);
        else if (i == 0)
            method = word;
        else
            others += " " + word;
    }
    return method + bits + group + others;
}

/// Errors of a single variant say which one it was.
[[noreturn]] void throwAbout(const std::string& text, const Error& problem)
{
    Error error(problem.code(), problem.summary());
    error.field(problem.field()).found(problem.found()).expected(problem.expected());
    throw error.hint("it is asked for by the variant \"" + text + "\"");
}

/// Whether a method takes a flag of the grid at all, such as rtn, which has no --salient.
bool takes(const std::string& method, const std::string& flag)
{
    PlanFlags flags{.method = method};
    if (flag == "--salient")
        flags.salient = "8";
    else if (flag == "--rounding")
        flags.rounding = "rtn";
    try {
        const PlanOptions options = flags.toOptions(0);
        if (flag == "--group-size")
            return usesGrid(options.method);
    } catch (const Error& error) {
        return error.field() != flag;
    }
    return true;
}

/// The words of a variant of the grid, without the flags that its method does not take.
std::vector<std::string> gridWords(const std::string& method, const std::vector<Setting>& settings)
{
    std::vector<std::string> words{method};
    for (const auto& [flag, value] : settings)
        if (takes(method, flag))
            words.insert(words.end(), {flag, value});
    return words;
}

std::string joinedWords(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// Every combination of the lists, the first list turning slowest.
std::vector<std::vector<Setting>>
combinations(const std::vector<std::pair<std::string, std::vector<std::string>>>& lists)
{
    std::vector<std::vector<Setting>> all{{}};
    for (const auto& [flag, values] : lists) {
        std::vector<std::vector<Setting>> longer;
        for (const auto& settings : all) {
            for (const std::string& value : values) {
                longer.push_back(settings);
                longer.back().emplace_back(flag, value);
            }
        }
        if (!values.empty())
            all = std::move(longer);
    }
    return all;
}

std::vector<std::string> linesOf(const std::string& file)
{
    std::vector<std::string> lines;
    std::istringstream stream(readText(file));
    for (std::string line; std::getline(stream, line);) {
        line.erase(std::min(line.find('#'), line.size()));
        if (line.find_first_not_of(" \t\r") != std::string::npos)
            lines.push_back(line);
    }
    return lines;
}

} // namespace

ComparisonVariant parseVariant(const std::string& text, std::uint64_t seed)
{
    const std::size_t colon = text.find(": ");
    std::vector<std::string> words = wordsOf(colon == std::string::npos ? text : text.substr(colon + 2));
    ComparisonVariant variant{.name = colon == std::string::npos ? nameOf(words) : text.substr(0, colon)};
    if (words.empty())
        throw Error::usage("a variant without words").field("--variant").found("\"" + text + "\"");
    if (!words.front().starts_with("--"))
        words.insert(words.begin(), "--method");
    CLI::App app;
    PlanFlags flags;
    std::optional<std::string> ownSeed;
    flags.addTo(app);
    app.add_option("--seed", ownSeed);
    app.set_help_flag();
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend())); // CLI11 takes them from the back
        if (ownSeed)
            seed = static_cast<std::uint64_t>(
                parseInteger("--seed", *ownSeed, 0, std::numeric_limits<std::int64_t>::max()));
        variant.options = flags.toOptions(seed);
    } catch (const CLI::ParseError& problem) {
        throwAbout(text, Error::usage(problem.what()).field("--variant"));
    } catch (const Error& problem) {
        throwAbout(text, problem);
    }
    return variant;
}

void VariantFlags::addTo(CLI::App& verb)
{
    const auto add = [&verb](const char* flag, auto& value, const char* type, const char* text) {
        return verb.add_option(flag, value, text)->type_name(type)->group("What is compared");
    };
    add("--methods", methods, "M,…", "methods of a grid: every one with all values of the next four");
    add("--bits", bits, "B,…", "bits of a code, such as 3,4");
    add("--salient", salient, "K,…", "channels that stay FP16, such as 0,1/32; for methods that keep some");
    add("--group-size", groupSizes, "G,…", "weights of a row that share a scale");
    add("--rounding", roundings, "R,…", "for methods that have a choice");
    add("--variant", variants, "WORDS",
        "one variant more, in the words of eigenquant plan: \"rosaq --bits 4 --mix-rest\", or with a name before "
        "it: \"mine: rosaq --bits 4\"; may be repeated")
        ->allow_extra_args(false);
    add("--variants", file, "FILE", "the same from a file, one a line; # begins a comment");
}

std::vector<ComparisonVariant> VariantFlags::toVariants(std::uint64_t seed,
                                                        std::vector<std::string>& leftOut) const
{
    std::vector<ComparisonVariant> result;
    std::set<std::string> names;
    const auto add = [&](const ComparisonVariant& variant) {
        if (!names.insert(variant.name).second)
            return false;
        result.push_back(variant);
        return true;
    };
    if (methods.empty() && !(bits.empty() && salient.empty() && groupSizes.empty() && roundings.empty()))
        throw Error::usage("a grid without methods")
            .field("--methods")
            .hint("give --methods rtn,rosaq or the like");
    for (const std::string& method : listOf("--methods", methods)) {
        for (const auto& settings : combinations({{"--bits", listOf("--bits", bits)},
                                                  {"--salient", listOf("--salient", salient)},
                                                  {"--group-size", listOf("--group-size", groupSizes)},
                                                  {"--rounding", listOf("--rounding", roundings)}})) {
            const std::string words = joinedWords(gridWords(method, settings));
            try {
                add(parseVariant(words, seed));
            } catch (const Error& problem) {
                if (problem.field() == "--method")
                    throw;
                leftOut.emplace_back(problem.what());
            }
        }
    }
    std::vector<std::string> single = variants;
    if (!file.empty())
        for (const std::string& line : linesOf(file))
            single.push_back(line);
    for (const std::string& text : single)
        if (!add(parseVariant(text, seed)))
            throw Error::usage("two variants of one name")
                .field("--variant")
                .found("\"" + text + "\"")
                .hint("give one of them another name: \"NAME: WORDS\"");
    if (result.empty())
        throw Error::usage("there is nothing to compare")
            .field("--methods")
            .hint("give --methods, --variant or --variants");
    return result;
}

} // namespace eigenquant::cli
