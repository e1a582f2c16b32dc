// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/quantized_checkpoint.h"
#include "core/io/safetensors.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

namespace {

void refuseText(const std::string& config)
{
    refuseQuantizedConfig(nlohmann::json::parse(config), "config.json");
}

/// A file of one tensor.
std::shared_ptr<const SafetensorsStore> storeOf(const TemporaryFolder& folder, const std::string& tensor,
                                                const std::string& type)
{
    const std::size_t bytes = type == "I32" || type == "F32" ? 16 : 4;
    const std::string header = "{\"" + tensor + "\":{\"dtype\":\"" + type + R"(","shape":[4],"data_offsets":[0,)" +
                               std::to_string(bytes) + "]}}";
    return SafetensorsStore::openFile(
        folder.write("m.safetensors", safetensorsFile(header, std::string(bytes, '\0'))));
}

} // namespace

TEST(QuantizedCheckpoint, MethodsAreNamed)
{
    for (const auto& [word, name] : {std::pair{"gptq", "GPTQ"}, {"awq", "AWQ"}, {"bitsandbytes", "bitsandbytes"},
                                     {"compressed-tensors", "compressed-tensors"}, {"fp8", "FP8"},
                                     {"something-new", "something-new"}}) {
        const std::string config =
            R"({"quantization_config":{"bits":4,"quant_method":")" + std::string(word) + "\"}}";
        expectError([&] { refuseText(config); }, ErrorCode::Unsupported,
                    {"config.json", "quantization_config", "already quantized by " + std::string(name), "16 bits"});
    }
}

TEST(QuantizedCheckpoint, SettingsThatDoNotSayTheirMethod)
{
    expectError([] { refuseText(R"({"quantization_config":{"load_in_4bit":true}})"); }, ErrorCode::Unsupported,
                {"bitsandbytes"});
    expectError([] { refuseText(R"({"quantization_config":{"bits":4}})"); }, ErrorCode::Unsupported,
                {"already quantized, "});
    expectError([] { refuseText(R"({"quantization_config":7})"); }, ErrorCode::Unsupported, {"quantization_config"});
    expectError([] { refuseText(R"({"compression_config":{"quant_method":"compressed-tensors"}})"); },
                ErrorCode::Unsupported, {"compression_config", "compressed-tensors"});
}

TEST(QuantizedCheckpoint, PlainConfigsPass)
{
    EXPECT_NO_THROW(refuseText("{}"));
    EXPECT_NO_THROW(refuseText(R"({"quantization_config":null,"hidden_size":64})"));
}

TEST(QuantizedCheckpoint, SettingsBesideTheConfig)
{
    const TemporaryFolder folder;
    EXPECT_NO_THROW(refuseQuantizedFolder(folder.path()));
    folder.write("quantize_config.json", "{}");
    expectError([&] { refuseQuantizedFolder(folder.path()); }, ErrorCode::Unsupported,
                {"quantize_config.json", "GPTQ"});
}

TEST(QuantizedCheckpoint, TensorsThatOnlyTheyHave)
{
    const TemporaryFolder folder;
    for (const auto& [tensor, type, name] :
         {std::tuple{"l.q_proj.qweight", "I32", "GPTQ or AWQ"}, {"l.q_proj.g_idx", "I32", "GPTQ"},
          {"l.q_proj.weight.absmax", "F32", "bitsandbytes"}, {"l.q_proj.SCB", "F32", "bitsandbytes"},
          {"l.q_proj.weight_packed", "I32", "compressed-tensors"}, {"l.q_proj.weight_scale_inv", "F32", "FP8"},
          {"l.q_proj.weight", "I8", "already quantized, "}, {"l.q_proj.weight", "U8", "already quantized, "}}) {
        const auto store = storeOf(folder, tensor, type);
        expectError([&] { refuseQuantizedTensors(*store); }, ErrorCode::Unsupported,
                    {tensor, name, type, "m.safetensors"});
    }
    EXPECT_NO_THROW(refuseQuantizedTensors(*storeOf(folder, "l.q_proj.weight", "F32")));
}

} // namespace eigenquant::test
