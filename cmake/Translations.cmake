# SPDX-License-Identifier: GPL-3.0-or-later
# The studio's texts in other languages: compiled into it, and brought up to date by `ninja translations`.
#
# Sets translations_source, a C++ file with the resource "translations" that holds every language as
# :/translations/eigenquant-studio_LANGUAGE.qm.

set(translations_folder ${CMAKE_SOURCE_DIR}/resources/translations)
set(translation_languages de)
set(translations_source ${CMAKE_CURRENT_BINARY_DIR}/qrc_translations.cpp)

set(ts_files "")
set(qm_files "")
set(qm_commands "")
set(qrc_entries "")
foreach(language ${translation_languages})
    set(ts ${translations_folder}/eigenquant-studio_${language}.ts)
    set(qm ${CMAKE_CURRENT_BINARY_DIR}/eigenquant-studio_${language}.qm)
    list(APPEND ts_files ${ts})
    list(APPEND qm_commands COMMAND Qt6::lrelease -silent ${ts} -qm ${qm})
    string(APPEND qrc_entries "<file alias=\"eigenquant-studio_${language}.qm\">${qm}</file>")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/translations.qrc CONTENT
     "<RCC><qresource prefix=\"/translations\">${qrc_entries}</qresource></RCC>\n" @ONLY)

add_custom_command(OUTPUT ${translations_source}
    ${qm_commands}
    COMMAND Qt6::rcc --name translations --output ${translations_source} ${CMAKE_CURRENT_BINARY_DIR}/translations.qrc
    DEPENDS ${ts_files} ${CMAKE_CURRENT_BINARY_DIR}/translations.qrc
    COMMENT "Compiling translations" VERBATIM)
set_source_files_properties(${translations_source} PROPERTIES SKIP_AUTOGEN ON SKIP_PRECOMPILE_HEADERS ON)

# New texts come into the .ts files as unfinished; a test fails until they are translated.
add_custom_target(translations
    COMMAND Qt6::lupdate -silent -no-obsolete -locations none -extensions h,cpp
            ${CMAKE_SOURCE_DIR}/ui -I ${CMAKE_SOURCE_DIR} -ts ${ts_files}
    COMMENT "Collecting texts to translate" VERBATIM)
