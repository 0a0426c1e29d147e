#!/usr/bin/env bash
# Installs the Debian packages whose data some tests read. Never fails: on another system, or without root, it says what is missing.
set -u
packages=(dataset-fashion-mnist trans-de-en)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done

printf '%-14s ' 'test data'
if [ ${#missing[@]} -eq 0 ]; then
  echo "installed: ${packages[*]}"
elif ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "not installed (needs apt-get and root): ${missing[*]}; tests of it skip"
elif {
  export DEBIAN_FRONTEND=noninteractive
  timeout 120 apt-get update -qq && timeout 300 apt-get install -y -qq --no-install-recommends "${missing[@]}"
} >/dev/null 2>&1; then
  echo "installed now: ${missing[*]}"
else
  echo "could not be installed: ${missing[*]}; tests of it skip"
fi
exit 0
