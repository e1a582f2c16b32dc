// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/comparison_rows.h"

#include "core/io/atomic_output.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"
#include "core/session/session.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json numberOrNull(double value)
{
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json failureToJson(const ComparisonFailure& failure)
{
    return {{"code", static_cast<int>(failure.code)}, {"message", failure.message}};
}

std::uint64_t countOf(const JsonObject& json, const char* key)
{
    return static_cast<std::uint64_t>(json.getIntegerOr(key, 0, 0, INT64_MAX));
}

} // namespace

std::string comparisonRowToJson(const ComparisonRow& row)
{
    Json json{{"name", row.name},
              {"method", row.method},
              {"control", row.control},
              {"bits", numberOrNull(row.bits)},
              {"salient", numberOrNull(row.salient)},
              {"effective_bits", numberOrNull(row.effectiveBits)},
              {"rotation_bits", numberOrNull(row.rotationBits)},
              {"perplexity", numberOrNull(row.perplexity)},
              {"stderr", numberOrNull(row.standardError)},
              {"kl", numberOrNull(row.kl)},
              {"same_top", numberOrNull(row.sameTop)},
              {"bytes", row.bytes},
              {"seconds", numberOrNull(row.seconds)},
              {"quantize_seconds", numberOrNull(row.quantizeSeconds)},
              {"peak_rss_bytes", row.peakRssBytes},
              {"device", row.device},
              {"settings", row.settings.empty() ? Json(nullptr) : Json::parse(row.settings)},
              {"key", row.key},
              {"error", row.failure ? failureToJson(*row.failure) : Json(nullptr)}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

ComparisonRow comparisonRowFromJson(const std::string& text, const fs::path& source)
{
    parseStrictJson(text, source); // which also proves that the keys' order can be kept by the lenient parser
    const Json ordered = Json::parse(text);
    const nlohmann::json value = ordered;
    const JsonObject json(value, source);
    const double unknown = ComparisonRow::kUnknown;
    ComparisonRow row;
    row.name = json.getString("name");
    row.method = json.getString("method");
    row.control = json.getBoolOr("control", false);
    row.bits = json.getNumberOr("bits", unknown);
    row.salient = json.getNumberOr("salient", 0);
    row.effectiveBits = json.getNumber("effective_bits");
    row.rotationBits = json.getNumberOr("rotation_bits", unknown);
    row.perplexity = json.getNumber("perplexity");
    row.standardError = json.getNumberOr("stderr", unknown);
    row.kl = json.getNumberOr("kl", unknown);
    row.sameTop = json.getNumberOr("same_top", unknown);
    row.bytes = countOf(json, "bytes");
    row.seconds = json.getNumberOr("seconds", unknown);
    row.quantizeSeconds = json.getNumberOr("quantize_seconds", unknown);
    row.peakRssBytes = countOf(json, "peak_rss_bytes");
    row.device = json.getStringOr("device", "");
    if (json.has("settings"))
        row.settings = ordered.at("settings").dump();
    row.key = json.getString("key");
    return row;
}

ComparisonRows::ComparisonRows(const fs::path& folder, bool afresh) : m_folder(folder / "rows")
{
    std::error_code failure;
    if (fs::exists(folder) && !fs::exists(m_folder) && !(fs::is_directory(folder) && fs::is_empty(folder, failure)))
        throw Error::usage("this is not the folder of a comparison")
            .file(folder.string())
            .expected("a folder that is empty or not there, or one to go on with")
            .hint("choose another name");
    fs::create_directories(m_folder, failure);
    if (failure)
        throw Error::io("the folder cannot be made").file(m_folder.string()).found(failure.message());
    for (const auto& entry : fs::directory_iterator(m_folder))
        if (afresh && entry.path().extension() == ".json")
            fs::remove(entry.path());
    read();
}

void ComparisonRows::read()
{
    for (const auto& entry : fs::directory_iterator(m_folder)) {
        if (!entry.is_regular_file() || entry.path().extension() != ".json")
            continue;
        try {
            ComparisonRow row = comparisonRowFromJson(readFile(entry.path()), entry.path());
            m_rows[row.key] = std::move(row);
        } catch (const Error&) {
            continue; // somebody else's file, or one that was edited: its row is done again
        }
    }
}

std::optional<ComparisonRow> ComparisonRows::find(const std::string& key) const
{
    const auto found = m_rows.find(key);
    if (found == m_rows.end())
        return std::nullopt;
    return found->second;
}

void ComparisonRows::add(std::size_t number, const ComparisonRow& row)
{
    writeFileAtomically(m_folder / (rowFileStem(number, row.name) + ".json"), comparisonRowToJson(row), true);
    m_rows[row.key] = row;
}

std::string rowFileStem(std::size_t number, const std::string& name)
{
    constexpr std::size_t longest = 80;
    std::string stem = std::to_string(number);
    stem.insert(0, stem.size() < 3 ? 3 - stem.size() : 0, '0');
    bool gap = true;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
        if (plain && gap)
            stem += '-';
        if (plain)
            stem += c;
        gap = !plain;
        if (stem.size() >= longest)
            break;
    }
    return stem;
}

} // namespace eigenquant
