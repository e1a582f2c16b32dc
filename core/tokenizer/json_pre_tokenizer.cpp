// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/tokenizer/json_parts.h"

namespace eigenquant {

namespace {

using Steps = std::vector<std::shared_ptr<const PreTokenizer>>;

constexpr std::string_view kKnown = "ByteLevel, Digits, Split, Metaspace, Whitespace, WhitespaceSplit, Punctuation, "
                                    "BertPreTokenizer, CharDelimiterSplit, FixedLength, UnicodeScripts, Sequence";

SplitBehavior readBehavior(const JsonObject& part)
{
    const std::string behavior = part.getStringOr("behavior", "Isolated");
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
    throw Error::invalid("there is no such behavior of a split")
        .file(part.source().string()).field(part.fieldName("behavior")).found(printable(behavior))
        .expected("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
}

/// The scheme of a Metaspace; files of before 2024 say add_prefix_space instead.
Metaspace::Prepend readPrepend(const JsonObject& part)
{
    const std::string scheme = part.getStringOr("prepend_scheme", "always");
    const bool isPrefixed = part.getBoolOr("add_prefix_space", true);
    if (scheme == "never" || (!isPrefixed && !part.has("prepend_scheme")))
        return Metaspace::Prepend::Never;
    if ((scheme == "always" || scheme == "first") && isPrefixed)
        return scheme == "always" ? Metaspace::Prepend::Always : Metaspace::Prepend::First;
    throw Error::invalid("the pre-tokenizer Metaspace contradicts itself or has no such scheme")
        .file(part.source().string()).field(part.fieldName("prepend_scheme")).found(printable(scheme))
        .expected("always, first or never, and no other add_prefix_space");
}

std::shared_ptr<const PreTokenizer> readMetaspace(const JsonObject& part)
{
    return std::make_shared<Metaspace>(readCharacter(part, "replacement"), readPrepend(part),
                                       part.getBoolOr("split", true));
}

void readByteLevel(const JsonObject& part, Steps& steps)
{
    if (part.getBoolOr("add_prefix_space", true))
        steps.push_back(std::make_shared<PrefixSpace>());
    if (part.getBoolOr("use_regex", true))
        steps.push_back(isolate(kGpt2Pattern));
}

void readBert(Steps& steps)
{
    steps.push_back(std::make_shared<CharacterSplit>(whiteSpace(), SplitBehavior::Removed));
    steps.push_back(std::make_shared<CharacterSplit>(punctuation(), SplitBehavior::Isolated));
}

/// Null if there is no such step, or if it is more than one.
std::shared_ptr<const PreTokenizer> readStep(const JsonObject& part, const std::string& type)
{
    if (type == "Digits")
        return digits(part.getBoolOr("individual_digits", false));
    if (type == "Split")
        return std::make_shared<PatternSplit>(readPattern(part), readBehavior(part), part.getBoolOr("invert", false));
    if (type == "Metaspace")
        return readMetaspace(part);
    if (type == "Whitespace")
        return std::make_shared<WordSplit>();
    if (type == "WhitespaceSplit")
        return std::make_shared<CharacterSplit>(whiteSpace(), SplitBehavior::Removed);
    if (type == "UnicodeScripts")
        return std::make_shared<ScriptSplit>();
    if (type == "Punctuation")
        return std::make_shared<CharacterSplit>(punctuation(), readBehavior(part));
    if (type == "CharDelimiterSplit")
        return std::make_shared<PatternSplit>(Regex::fromLiteral(readCharacter(part, "delimiter")),
                                              SplitBehavior::Removed, false);
    if (type == "FixedLength")
        return std::make_shared<FixedLengthSplit>(
            static_cast<std::size_t>(part.getIntegerOr("length", 5, 1, std::int64_t{1} << 40)));
    return nullptr;
}

/// Adds the steps of a part. `endsInBytes` becomes true with ByteLevel; its letters are spelt out as soon as another
/// step follows.
void readSteps(const JsonObject& part, Steps& steps, bool& endsInBytes)
{
    const std::string type = part.getString("type");
    if (type == "Sequence") {
        for (const JsonObject& step : readObjects(part, "pretokenizers"))
            readSteps(step, steps, endsInBytes);
        return;
    }
    if (endsInBytes)
        steps.push_back(std::make_shared<ByteLetters>());
    endsInBytes = type == "ByteLevel";
    if (type == "ByteLevel")
        readByteLevel(part, steps);
    else if (type == "BertPreTokenizer")
        readBert(steps);
    else if (auto step = readStep(part, type))
        steps.push_back(std::move(step));
    else
        refusePart(part, "pre-tokenizer", type, kKnown);
}

} // namespace

JsonPreTokenizer readPreTokenizer(const JsonObject& part)
{
    Steps steps;
    JsonPreTokenizer pre;
    readSteps(part, steps, pre.endsInBytes);
    if (steps.size() == 1)
        pre.steps = steps.front();
    else if (!steps.empty())
        pre.steps = std::make_shared<PreTokenizerSequence>(std::move(steps));
    return pre;
}

} // namespace eigenquant
