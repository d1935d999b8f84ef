# peyk_embed_text(TARGET FILE HEADER FUNCTION): compiles FILE's text into TARGET; FUNCTION, declared in HEADER, returns it.
function(peyk_embed_text target file header function)
  get_filename_component(name "${file}" NAME_WE)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp")
  set(generator "${CMAKE_SOURCE_DIR}/scripts/embed_text.py")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND /usr/bin/python3 "${generator}" "${file}" "${output}" "${header}" "${function}"
    DEPENDS "${file}" "${generator}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
