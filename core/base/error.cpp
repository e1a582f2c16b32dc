// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

namespace eigenquant {

Error::Error(ErrorCode code, std::string summary)
    : std::runtime_error(summary), m_code(code), m_summary(std::move(summary))
{
    compose();
}

Error& Error::set(std::string& member, std::string value)
{
    member = std::move(value);
    compose();
    return *this;
}

void Error::compose()
{
    m_message.clear();
    if (!m_file.empty())
        m_message += m_file + ": ";
    if (!m_field.empty())
        m_message += m_field + ": ";
    m_message += m_summary;
    if (!m_found.empty())
        m_message += (m_message.empty() ? "" : ": ") + ("found " + m_found);
    if (!m_expected.empty())
        m_message += (m_found.empty() ? ": expected " : ", expected ") + m_expected;
    if (!m_hint.empty())
        m_message += "; " + m_hint;
}

} // namespace eigenquant
