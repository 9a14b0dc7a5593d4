<?php
/**
 * Plugin Name: Aftercall
 * Description: Keeps what your A/B tests know of a visitor with the call, so that the call counts in the tests.
 * Version: 1.0.0
 * Requires at least: 5.7
 *
 * A must-use plugin: put this file into wp-content/mu-plugins/, and aftercall.js with the files beside it into
 * wp-content/mu-plugins/aftercall/.
 */

defined( 'ABSPATH' ) || exit;

/**
 * Settings, each with the name of its attribute without `data-`.
 *
 * A theme or another plugin changes them: add_filter( 'aftercall_settings', fn ( $settings ) => array( ... ) );
 */
function aftercall_settings() {
	return apply_filters(
		'aftercall_settings',
		array(
			'consent' => 'wp',
			'outlets' => 'auto forms',
		)
	);
}

/** First in the head: call trackers' scripts, which are async, may be there at any moment after it. */
function aftercall_print_script() {
	$attributes = array(
		'async' => true,
		'src'   => plugins_url( 'aftercall/aftercall.js', __FILE__ ),
	);
	foreach ( aftercall_settings() as $name => $value ) {
		$attributes[ 'data-' . $name ] = $value;
	}
	// It escapes every value, and adds the nonce where a policy plugin filters wp_script_attributes.
	wp_print_script_tag( $attributes );
}
add_action( 'wp_head', 'aftercall_print_script', 1 );

/** WP Consent API: this plugin asks it. */
add_filter( 'wp_consent_api_registered_' . plugin_basename( __FILE__ ), '__return_true' );
