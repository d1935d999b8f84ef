# peyk_embed_lua(TARGET FOLDER): compiles FOLDER's scripts into TARGET as one generated source that defines
# peyk::routing::store::embedded_scripts().
function(peyk_embed_lua target folder)
  file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*.lua")
  file(GLOB parts CONFIGURE_DEPENDS "${folder}/lib/*.lua")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_scripts.cpp")
  set(generator "${CMAKE_SOURCE_DIR}/scripts/embed_lua.py")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND /usr/bin/python3 "${generator}" "${folder}" "${output}"
    DEPENDS ${scripts} ${parts} "${generator}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
