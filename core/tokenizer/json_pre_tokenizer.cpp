// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tokenizer/json_parts.h"

namespace eigenquant {

namespace {

using Steps = std::vector<std::shared_ptr<const PreTokenizer>>;

SplitBehavior readBehavior(const JsonObject& part)
{
    const std::string behavior = part.getString("behavior");
    if (behavior == "Removed")
        return SplitBehavior::Removed;
    if (behavior == "Isolated")
        return SplitBehavior::Isolated;
    if (behavior == "MergedWithPrevious")
        return SplitBehavior::MergedWithPrevious;
    if (behavior == "MergedWithNext")
        return SplitBehavior::MergedWithNext;
    if (behavior == "Contiguous")
        return SplitBehavior::Contiguous;
    throw Error::invalid("the pre-tokenizer Split has no such behavior")
        .file(part.source().string()).field(part.fieldName("behavior")).found(behavior)
        .expected("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
}

void readByteLevel(const JsonObject& part, Steps& steps)
{
    if (part.getBoolOr("add_prefix_space", true))
        steps.push_back(std::make_shared<PrefixSpace>());
    if (part.getBoolOr("use_regex", true))
        steps.push_back(isolate(kGpt2Pattern));
}

/// Adds the steps of a part. `hasBytes` becomes true with ByteLevel: what comes behind it would see the
/// letters of the byte alphabet instead of the text.
void readSteps(const JsonObject& part, Steps& steps, bool& hasBytes)
{
    const std::string type = part.getString("type");
    if (hasBytes)
        throw Error::unsupported("this tokenizer has a pre-tokenizer behind ByteLevel")
            .file(part.source().string()).field(part.fieldName("type")).found(type)
            .expected("ByteLevel as the last pre-tokenizer");
    if (type == "Sequence") {
        for (const JsonObject& step : readObjects(part, "pretokenizers"))
            readSteps(step, steps, hasBytes);
    } else if (type == "ByteLevel") {
        readByteLevel(part, steps);
        hasBytes = true;
    } else if (type == "Digits") {
        steps.push_back(digits(part.getBoolOr("individual_digits", false)));
    } else if (type == "Split") {
        steps.push_back(std::make_shared<PatternSplit>(readPattern(part), readBehavior(part),
                                                       part.getBoolOr("invert", false)));
    } else if (type == "WhitespaceSplit") {
        steps.push_back(
            std::make_shared<PatternSplit>(Regex::fromPattern("\\s"), SplitBehavior::Removed, false));
    } else {
        refusePart(part, "pre-tokenizer", type, "ByteLevel, Digits, Split, WhitespaceSplit, Sequence");
    }
}

} // namespace

std::shared_ptr<const PreTokenizer> readPreTokenizer(const JsonObject& part)
{
    Steps steps;
    bool hasBytes = false;
    readSteps(part, steps, hasBytes);
    if (!hasBytes)
        throw Error::unsupported("this tokenizer is not byte-level: its pre-tokenizer does not end with ByteLevel")
            .file(part.source().string()).field(part.fieldName("type")).found(part.getString("type"))
            .expected("ByteLevel, or a Sequence that ends with it");
    if (steps.size() == 1)
        return steps.front();
    return std::make_shared<PreTokenizerSequence>(std::move(steps));
}

} // namespace eigenquant
